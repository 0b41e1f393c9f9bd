import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type PemBlock, pemBlocks } from './pem.ts'

const keyTypes = ['rsa', 'ec', 'ed25519']
// The curves that TLS servers in Go know, by OpenSSL's names.
const curves = ['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1']

/**
 * Why a certificate and a private key, both PEM, do not make a pair that a server can use, in the words of Go's
 * crypto/tls.X509KeyPair; undefined when they do. What is wrong inside of a malformed certificate is not told apart.
 */
export function keyPairProblem(certificatePem: string, keyPem: string): string | undefined {
  const certificates = pemBlocks(certificatePem)
  const chain = certificates.filter(({ type }) => type === 'CERTIFICATE')
  if (chain.length === 0) return noCertificate(certificates)
  const keys = pemBlocks(keyPem)
  const key = keys.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'))
  if (!key) return noKey(keys)

  const publicKey = publicKeyOf(chain[0]!.der)
  if (typeof publicKey === 'string') return publicKey
  const privateKey = parsePrivateKey(key.der)
  if (typeof privateKey === 'string') return privateKey
  if (!keyTypes.includes(publicKey.asymmetricKeyType!)) return 'tls: unknown public key algorithm'
  if (publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) {
    return 'tls: private key type does not match public key type'
  }
  const isPair = createPublicKey(privateKey).equals(publicKey)
  return isPair ? undefined : 'tls: private key does not match public key'
}

function noCertificate(found: PemBlock[]): string {
  if (found.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (found.length === 1 && found[0]!.type.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${listTypes(found)}`
}

function noKey(found: PemBlock[]): string {
  if (found.length === 0) return 'tls: failed to find any PEM data in key input'
  if (found.length === 1 && found[0]!.type === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${listTypes(found)}`
}

function listTypes(blocks: PemBlock[]): string {
  return `[${blocks.map(({ type }) => type).join(' ')}]`
}

function publicKeyOf(der: Buffer): KeyObject | string {
  let key: KeyObject
  let length: number
  try {
    const certificate = new X509Certificate(der)
    length = certificate.raw.length
    key = certificate.publicKey
  } catch {
    return 'x509: malformed certificate'
  }
  if (length !== der.length) return 'x509: trailing data'
  return hasUnknownCurve(key) ? 'x509: unsupported elliptic curve' : key
}

function parsePrivateKey(der: Buffer): KeyObject | string {
  const inPkcs8 = readKey(der, 'pkcs8')
  if (inPkcs8?.asymmetricKeyType === 'x25519') return 'tls: found unknown private key type in PKCS#8 wrapping'
  const key = inPkcs8 ?? readKey(der, 'pkcs1') ?? readKey(der, 'sec1')
  if (!key || !keyTypes.includes(key.asymmetricKeyType!) || hasUnknownCurve(key)) {
    return 'tls: failed to parse private key'
  }
  return key
}

function readKey(der: Buffer, type: 'pkcs1' | 'pkcs8' | 'sec1'): KeyObject | undefined {
  try {
    return createPrivateKey({ key: der, format: 'der', type })
  } catch {
    return undefined
  }
}

function hasUnknownCurve({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'ec' && !curves.includes(asymmetricKeyDetails?.namedCurve ?? '')
}
