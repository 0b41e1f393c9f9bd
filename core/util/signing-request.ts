import 'reflect-metadata'
import {
  type JsonGeneralNames,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'

/** What a PKCS#10 request (RFC 2986) says of whom it is for. */
export interface SigningRequest {
  commonName: string
  organizations: string[]
  /** The subjectAltNames it asks for, by their kinds. */
  dnsNames: string[]
  emailAddresses: string[]
  ipAddresses: string[]
  uris: string[]
}

/** The subjectAltNames a request asks for, of all kinds. */
export function subjectAltNames({ extensions }: Pkcs10CertificateRequest): JsonGeneralNames {
  const wanted = extensions.find((extension) => extension instanceof SubjectAlternativeNameExtension)
  return wanted?.names.toJSON() ?? []
}

/** Reads the request in a base64 text with a PEM block, as a CertificateSigningRequest holds it. Throws where there is none. */
export function readSigningRequest(base64: string): SigningRequest {
  const request = new Pkcs10CertificateRequest(Buffer.from(base64, 'base64').toString('latin1'))
  const names = subjectAltNames(request)
  const ofType = (wanted: string): string[] =>
    names.filter(({ type }) => type === wanted).map(({ value }) => value)
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: ofType('dns'),
    emailAddresses: ofType('email'),
    ipAddresses: ofType('ip'),
    uris: ofType('url'),
  }
}
