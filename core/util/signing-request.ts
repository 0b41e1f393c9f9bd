import 'reflect-metadata'
import { Pkcs10CertificateRequest } from '@peculiar/x509'

/** What a PKCS#10 request (RFC 2986) says of whom it is for. */
export interface SigningRequest {
  commonName: string
  organizations: string[]
}

/** Reads the request in a base64 text with a PEM block, as a CertificateSigningRequest holds it. Throws where there is none. */
export function readSigningRequest(base64: string): SigningRequest {
  const request = new Pkcs10CertificateRequest(Buffer.from(base64, 'base64').toString('latin1'))
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organizations: request.subjectName.getField('O'),
  }
}
