// Who is at the other end of a connection, as far as limits go (api/http.hpp).
#pragma once
#include <boost/asio/ip/address.hpp>

#include "api/http.hpp"

namespace dos::serve {

inline api::Source source_of(const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  return api::source_of((address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6()).to_bytes());
}

}  // namespace dos::serve
