import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { certificateFacts } from './certificate-facts.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const names = new x509.SubjectAlternativeNameExtension([
  { type: 'dns', value: 'web.example.com' },
  { type: 'ip', value: '10.0.0.1' },
])

describe('what a certificate says', () => {
  it('is read of a request', async () => {
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=jane, O=dev',
      keys,
      signingAlgorithm: algorithm,
      extensions: [names],
    })
    expect(await certificateFacts(request.toString('pem'))).toEqual({
      subject: 'CN=jane, O=dev',
      names: ['dns: web.example.com', 'ip: 10.0.0.1'],
    })
  })

  it('is read of a certificate, with how long it is valid', async () => {
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=jane',
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2027-01-01T00:00:00Z'),
    })
    expect(await certificateFacts(certificate.toString('pem'))).toEqual({
      subject: 'CN=jane',
      names: [],
      validUntil: '2027-01-01T00:00:00.000Z',
    })
  })

  it('is nothing where there is none', async () => {
    expect(await certificateFacts('')).toBeUndefined()
    const block = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'
    expect(await certificateFacts(block)).toBeUndefined()
  })
})
