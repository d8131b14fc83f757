// CometBFT with its stock persistent key-value application in the same process, for the benchmarks. With
// DOS_BENCH_SIGNED=1 every transaction must end with an Ed25519 signature of what stands before it, which each node checks
// on admission and again in the block, as an application with accounts would: the last 128 characters are
// base64url(signature || public key).
package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cometbft/cometbft/abci/example/kvstore"
	abci "github.com/cometbft/cometbft/abci/types"
	commands "github.com/cometbft/cometbft/cmd/cometbft/commands"
	"github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/libs/cli"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
)

const tail = 128 // characters of signature and key

type signedStore struct{ *kvstore.Application }

func correctlySigned(tx []byte) bool {
	if len(tx) <= tail {
		return false
	}
	body := tx[:len(tx)-tail]
	t, err := base64.RawURLEncoding.DecodeString(string(tx[len(body):]))
	return err == nil && len(t) == 96 && ed25519.PubKey(t[64:]).VerifySignature(body, t[:64])
}

func (s *signedStore) CheckTx(c context.Context, r *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	if !correctlySigned(r.Tx) {
		return &abci.ResponseCheckTx{Code: 9, Log: "the signature is wrong"}, nil
	}
	return s.Application.CheckTx(c, r)
}

func (s *signedStore) FinalizeBlock(c context.Context, r *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	for _, tx := range r.Txs {
		if !correctlySigned(tx) {
			return nil, fmt.Errorf("a transaction with a wrong signature is in a block")
		}
	}
	return s.Application.FinalizeBlock(c, r)
}

func newNode(c *config.Config, l log.Logger) (*node.Node, error) {
	key, err := p2p.LoadOrGenNodeKey(c.NodeKeyFile())
	if err != nil {
		return nil, err
	}
	store := kvstore.NewPersistentApplication(c.DBDir())
	var app abci.Application = store
	if os.Getenv("DOS_BENCH_SIGNED") == "1" {
		app = &signedStore{store}
	}
	return node.NewNode(c, privval.LoadOrGenFilePV(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile()), key,
		proxy.NewLocalClientCreator(app), node.DefaultGenesisDocProviderFunc(c), config.DefaultDBProvider,
		node.DefaultMetricsProvider(c.Instrumentation), l)
}

func main() {
	root := commands.RootCmd
	root.AddCommand(commands.TestnetFilesCmd, commands.NewRunNodeCmd(newNode))
	if err := cli.PrepareBaseCmd(root, "CMT", os.ExpandEnv(filepath.Join("$HOME", ".cometbft"))).Execute(); err != nil {
		os.Exit(1)
	}
}
