"""BLAKE3, ML-DSA (FIPS 204) and Ed25519, verification only, by the standard library alone.

BLAKE3 after its specification; ML-DSA after FIPS 204, algorithms 3 and 8; Ed25519 after docs/spec/crypto.md, which says more than
RFC 8032 about what verifies. Slow and plain, and nothing here is secret. Held against tests/vectors by `run.py vectors`.
"""
import functools
import hashlib

# ---- BLAKE3

_IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
_PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
_START, _END, _PARENT, _ROOT, _CONTEXT, _MATERIAL = 1, 2, 4, 8, 32, 64


def _make_compress():
    """The seven rounds written out, since a loop over them takes ten times as long."""
    lines = ["def compress(h, m, counter, length, flags):", " v0,v1,v2,v3,v4,v5,v6,v7 = h", " v8,v9,v10,v11 = %d,%d,%d,%d" % _IV[:4],
             " v12,v13,v14,v15 = counter & 0xffffffff, counter >> 32, length, flags",
             " " + ",".join("m%d" % i for i in range(16)) + " = m"]
    order = list(range(16))

    def rotated(name, other, bits):
        lines.append(" x = %s ^ %s; %s = (x >> %d | x << %d) & 0xffffffff" % (name, other, name, bits, 32 - bits))

    def quarter(a, b, c, d, x, y):
        for word, first, second in ((x, 16, 12), (y, 8, 7)):
            lines.append(" v%d = (v%d + v%d + m%d) & 0xffffffff" % (a, a, b, word))
            rotated("v%d" % d, "v%d" % a, first)
            lines.append(" v%d = (v%d + v%d) & 0xffffffff" % (c, c, d))
            rotated("v%d" % b, "v%d" % c, second)

    for _ in range(7):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12, order[2 * i], order[2 * i + 1])
        for i in range(4):
            quarter(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12, order[8 + 2 * i], order[9 + 2 * i])
        order = [order[i] for i in _PERMUTATION]
    lines.append(" return (" + ",".join("v%d^v%d" % (i, i + 8) for i in range(8)) + ")")
    scope = {}
    exec("\n".join(lines), scope)  # text made above, of constants only
    return scope["compress"]


_compress = _make_compress()


def _words(block):
    block = block.ljust(64, b"\0")
    return tuple(int.from_bytes(block[i:i + 4], "little") for i in range(0, 64, 4))


def _chunk(data, counter, key, flags):
    """(chaining value going in, last block) of one chunk: what its own output is made of."""
    value = key
    blocks = [data[i:i + 64] for i in range(0, len(data), 64)] or [b""]
    for i, block in enumerate(blocks[:-1]):
        value = _compress(value, _words(block), counter, 64, flags | (_START if i == 0 else 0))
    return value, _words(blocks[-1]), counter, len(blocks[-1]), flags | _END | (_START if len(blocks) == 1 else 0)


@functools.lru_cache(4096)  # of a proof with one changed byte all other chunks are known
def _tree(data, counter, key, flags):
    if len(data) <= 1024:
        return _chunk(data, counter, key, flags)
    left = 1024
    while left * 2 < len(data):
        left *= 2
    a = _compress(*_tree(data[:left], counter, key, flags))
    b = _compress(*_tree(data[left:], counter + left // 1024, key, flags))
    return key, a + b, 0, 64, flags | _PARENT


def _hash(data, key, flags):
    value, block, _, length, marks = _tree(data, 0, key, flags)
    return b"".join(w.to_bytes(4, "little") for w in _compress(value, block, 0, length, marks | _ROOT))


def blake3(data):
    return _hash(data, _IV, 0)


@functools.lru_cache(None)
def _context_key(context):
    return tuple(int.from_bytes(_hash(context.encode(), _IV, _CONTEXT)[i:i + 4], "little") for i in range(0, 32, 4))


def derive_key(context, data):
    return _hash(data, _context_key(context), _MATERIAL)


# ---- ML-DSA

_Q = 8380417
# number of the key type: rows, columns, ones of the challenge, gamma1, gamma2, hints, beta, bytes of the challenge's hash
_ML_DSA = {1: (4, 4, 39, 1 << 17, (_Q - 1) // 88, 80, 78, 32),
           2: (6, 5, 49, 1 << 19, (_Q - 1) // 32, 55, 196, 48),
           3: (8, 7, 60, 1 << 19, (_Q - 1) // 32, 75, 120, 64)}
_ZETAS = [pow(1753, int("{:08b}".format(i)[::-1], 2), _Q) for i in range(256)]


def _ntt(w):
    w, m, length = list(w), 0, 128
    while length:
        for start in range(0, 256, 2 * length):
            m += 1
            z = _ZETAS[m]
            for j in range(start, start + length):
                t = z * w[j + length] % _Q
                w[j + length] = (w[j] - t) % _Q
                w[j] = (w[j] + t) % _Q
        length //= 2
    return w


def _from_ntt(w):
    w, m, length = list(w), 256, 1
    while length < 256:
        for start in range(0, 256, 2 * length):
            m -= 1
            z = _Q - _ZETAS[m]
            for j in range(start, start + length):
                t = w[j]
                w[j] = (t + w[j + length]) % _Q
                w[j + length] = z * (t - w[j + length]) % _Q
        length *= 2
    return [x * 8347681 % _Q for x in w]


def _bits(data, width):
    """Numbers of that many bits each, the lowest bits first."""
    whole = int.from_bytes(data, "little")
    return [whole >> i & (1 << width) - 1 for i in range(0, len(data) * 8, width)]


def _rejected(seed):
    out, size = [], 1008
    while True:
        stream = hashlib.shake_128(seed).digest(size)
        out = []
        for i in range(0, size, 3):
            x = stream[i] | stream[i + 1] << 8 | (stream[i + 2] & 0x7F) << 16
            if x < _Q:
                out.append(x)
        if len(out) >= 256:
            return out[:256]
        size *= 2


@functools.lru_cache(64)
def _expanded(kind, key):
    rows, columns = _ML_DSA[kind][:2]
    matrix = [[_rejected(key[:32] + bytes((c, r))) for c in range(columns)] for r in range(rows)]
    tops = [_ntt([x << 13 for x in _bits(key[32 + 320 * r:352 + 320 * r], 10)]) for r in range(rows)]
    return matrix, tops, hashlib.shake_256(key).digest(64)


def _challenge(seed, ones):
    stream = hashlib.shake_256(seed).digest(2048)
    signs, at, c = int.from_bytes(stream[:8], "little"), 8, [0] * 256
    for i in range(256 - ones, 256):
        while stream[at] > i:
            at += 1
        j = stream[at]
        at += 1
        c[i] = c[j]
        c[j] = _Q - 1 if signs & 1 else 1
        signs >>= 1
    return c


def _hints(data, rows, most):
    """The places of ones, a list for each row; None if the bytes are not their one encoding."""
    out, at = [], 0
    for r in range(rows):
        end = data[most + r]
        if end < at or end > most:
            return None
        places = list(data[at:end])
        if any(a >= b for a, b in zip(places, places[1:])):
            return None
        out.append(set(places))
        at = end
    return None if any(data[at:most]) else out


def _use_hint(r, hint, gamma2):
    r0 = r % (2 * gamma2)
    if r0 > gamma2:
        r0 -= 2 * gamma2
    r1, r0 = (0, r0 - 1) if r - r0 == _Q - 1 else ((r - r0) // (2 * gamma2), r0)
    if not hint:
        return r1
    return (r1 + (1 if r0 > 0 else -1)) % ((_Q - 1) // (2 * gamma2))


def ml_dsa_verifies(kind, key, message, signature, context=b""):
    rows, columns, ones, gamma1, gamma2, most, beta, seed_bytes = _ML_DSA[kind]
    z_bytes = 32 * gamma1.bit_length()
    if len(key) != 32 + 320 * rows or len(signature) != seed_bytes + z_bytes * columns + most + rows or len(context) > 255:
        return False
    matrix, tops, key_hash = _expanded(kind, bytes(key))
    seed = signature[:seed_bytes]
    z = [[gamma1 - x for x in _bits(signature[seed_bytes + z_bytes * c:seed_bytes + z_bytes * (c + 1)], gamma1.bit_length())]
         for c in range(columns)]
    hints = _hints(signature[seed_bytes + z_bytes * columns:], rows, most)
    if hints is None or any(abs(x) >= gamma1 - beta for poly in z for x in poly):
        return False
    mu = hashlib.shake_256(key_hash + bytes((0, len(context))) + context + message).digest(64)
    c, z = _ntt(_challenge(seed, ones)), [_ntt(poly) for poly in z]
    width = 6 if kind == 1 else 4
    packed = b""
    for r in range(rows):
        w = _from_ntt([(sum(matrix[r][i][j] * z[i][j] for i in range(columns)) - c[j] * tops[r][j]) % _Q for j in range(256)])
        high, whole = [_use_hint(w[j], j in hints[r], gamma2) for j in range(256)], 0
        for x in reversed(high):
            whole = whole << width | x
        packed += whole.to_bytes(32 * width, "little")
    return hashlib.shake_256(mu + packed).digest(seed_bytes) == seed


# ---- Ed25519

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)


def _decoded_point(data):
    y, sign = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    if y >= _P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _I % _P
    if (x * x - x2) % _P or (x == 0 and sign):
        return None
    return (_P - x if x & 1 != sign else x), y


def _added(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    g, h = 2 * _D * t1 * t2 % _P, 2 * z1 * z2 % _P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(n, point):
    x, y = point
    at, out = (x, y, 1, x * y % _P), (0, 1, 1, 0)
    while n:
        if n & 1:
            out = _added(out, at)
        at = _added(at, at)
        n >>= 1
    return out


def ed25519_verifies(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    s, a = int.from_bytes(signature[32:], "little"), _decoded_point(key)
    if s >= _L or a is None:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _L
    base = _decoded_point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
    x, y, z, _ = _added(_times(s, base), _times(k, (_P - a[0], a[1])))
    inverse = pow(z, _P - 2, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little") == signature[:32]


# ---- by number of the key type

PUBLIC_KEY_BYTES = {1: 1312, 2: 1952, 3: 2592, 4: 32}
SIGNATURE_BYTES = {1: 2420, 2: 3309, 3: 4627, 4: 64}


@functools.lru_cache(4096)
def verifies(key_type, key, message, signature):
    if key_type == 4:
        return ed25519_verifies(key, message, signature)
    return ml_dsa_verifies(key_type, key, message, signature)
