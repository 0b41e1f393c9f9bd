import type * as X509 from '@peculiar/x509'
import { retryImport } from '../client/retry-import.ts'

/** What a certificate request or a certificate says of whom it is for. */
export interface CertificateFacts {
  /** As RFC 4514 writes it: `CN=jane, O=dev`. */
  subject: string
  /** `dns: web.example.com`, in the order they stand in. */
  names: string[]
  /** ISO time; only of a certificate. */
  validUntil?: string
}

/** The part of the library that is used; it is fetched when a certificate is first looked at. */
async function library(): Promise<typeof X509> {
  await retryImport(() => import('reflect-metadata'))
  return retryImport(() => import('@peculiar/x509'))
}

/** Reads a PEM block with a PKCS#10 request (RFC 2986) or an X.509 certificate; undefined where it holds neither. */
export async function certificateFacts(pem: string): Promise<CertificateFacts | undefined> {
  const x509 = await library()
  try {
    const isRequest = pem.includes('CERTIFICATE REQUEST')
    const read = isRequest ? new x509.Pkcs10CertificateRequest(pem) : new x509.X509Certificate(pem)
    const wanted = read.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension)
    const facts: CertificateFacts = {
      subject: read.subject,
      names: (wanted?.names.toJSON() ?? []).map(({ type, value }) => `${type}: ${value}`),
    }
    if (read instanceof x509.X509Certificate) facts.validUntil = read.notAfter.toISOString()
    return facts
  } catch {
    return undefined
  }
}
