import type { PeerCertificate } from 'node:tls'

interface NodeFailure {
  code?: string | number
  message?: string
  hostname?: string
  cert?: PeerCertificate
}

const unknownAuthority = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
])
const expired = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])

/** Why a request over TLS could not be made, in the words of Go's net, tls and x509 packages, which people search for. */
export function callFailure(error: unknown, url: URL): string {
  const { code, message = '', hostname, cert } = error as NodeFailure
  const host = url.hostname
  const address = `${host}:${url.port || 443}`
  // What the dialer of Services says of the Service itself is not about a list of them.
  if (code === 404) return message.replace(/^services /, 'service ')
  if (code === 'ECONNREFUSED') return `dial tcp ${address}: connect: connection refused`
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${hostname ?? host}: no such host`
  if (code === 'EHOSTUNREACH') return `dial tcp ${address}: connect: no route to host`
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'http: server gave HTTP response to HTTPS client'
  }
  if (code === 'ECONNRESET') return 'EOF'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${unverified} ${nameProblem(cert, host)}`
  if (unknownAuthority.has(String(code))) return `${unverified} x509: certificate signed by unknown authority`
  if (expired.has(String(code))) return `${unverified} x509: certificate has expired or is not yet valid`
  return message || String(error)
}

const unverified = 'tls: failed to verify certificate:'

function nameProblem(cert: PeerCertificate | undefined, host: string): string {
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .filter((name) => name !== '')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
  if (names.length === 0) return `x509: certificate is not valid for any names, but wanted to match ${host}`
  return `x509: certificate is valid for ${names.join(', ')}, not ${host}`
}

const texts: Record<number, string> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  403: 'the server does not allow access to the requested resource',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}

/** What a status code other than success means (upstream: apimachinery/pkg/api/errors NewGenericServerResponse). */
export function serverFailure(code: number, text: string): string {
  const known = texts[code]
  if (known !== undefined) return known
  if (code < 500)
    return `the server responded with the status code ${code} but did not return more information`
  const said = text.trim().slice(0, 2048) || 'unknown'
  return `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
}
