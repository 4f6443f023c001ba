-- Notes whom the client certificate of a call names, as the routes of guarded tables ask for it. Before
-- this text stands `authority`: by whom Envoy has checked the certificates of this listener.

local own = "fado.certificate"

function envoy_on_request(handle)
  local info = handle:streamInfo()
  local connection = info:downstreamSslConnection()
  if connection == nil or not connection:peerCertificatePresented() or not connection:peerCertificateValidated() then
    return
  end
  -- Envoy looks at it when the connection begins, which may last longer.
  if connection:expirationPeerCertificate() <= os.time() then return end

  -- Each by itself: a name may hold whatever joined names would be parted by.
  local names = {}
  for _, name in ipairs(connection:uriSanPeerCertificate() or {}) do names[#names + 1] = "URI:" .. name end
  for _, name in ipairs(connection:dnsSansPeerCertificate() or {}) do names[#names + 1] = "DNS:" .. name end

  info:dynamicMetadata():set(own, "authority", authority)
  if #names > 0 then info:dynamicMetadata():set(own, "names", names) end
  handle:clearRouteCache()
end
