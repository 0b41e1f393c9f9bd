import 'reflect-metadata'
import { createPublicKey, verify } from 'node:crypto'
import { Pkcs10CertificateRequest } from '@peculiar/x509'

const pemForm = /-----BEGIN ([^-]+)-----([^-]*)-----END [^-]+-----/

/**
 * What is wrong with a base64 text that is to hold a PEM block with a PKCS#10 request (RFC 2986): a malformed one, or
 * one whose signature is not by the key in it. Undefined when all is well.
 */
export function signingRequestProblem(base64: string): string | undefined {
  const pem = pemForm.exec(Buffer.from(base64, 'base64').toString('latin1'))
  if (!pem || pem[1] !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  const der = Buffer.from(pem[2]!, 'base64')
  let request: Pkcs10CertificateRequest
  try {
    request = new Pkcs10CertificateRequest(der)
  } catch {
    return 'asn1: structure error: malformed certificate request'
  }
  try {
    return isSignedByItsKey(request, der) ? undefined : 'x509: signature verification failed'
  } catch {
    return 'x509: cannot verify signature: algorithm unimplemented'
  }
}

function isSignedByItsKey(request: Pkcs10CertificateRequest, der: Buffer): boolean {
  const { hash } = request.signatureAlgorithm as { hash?: { name: string } }
  const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
  const algorithm = hash?.name.replace('SHA-', 'sha') ?? null
  return verify(algorithm, signedPart(der), key, Buffer.from(request.signature))
}

/** The part of a request that the signature is about: the first element of the outer sequence. */
function signedPart(der: Buffer): Buffer {
  const outer = elementAt(der, 0)
  const inner = elementAt(der, outer.content)
  return der.subarray(outer.content, inner.end)
}

/** Where the content of a DER element begins and where it ends (X.690 8.1.3). */
function elementAt(der: Buffer, start: number): { content: number; end: number } {
  const first = der.readUInt8(start + 1)
  if (first < 0x80) return { content: start + 2, end: start + 2 + first }
  const lengthBytes = first & 0x7f
  const content = start + 2 + lengthBytes
  return { content, end: content + der.readUIntBE(start + 2, lengthBytes) }
}
