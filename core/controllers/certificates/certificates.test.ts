import 'reflect-metadata'
import { createHash, webcrypto, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openCertificateAuthority, type CertificateAuthority } from '../../auth/certificate-authority.ts'
import type {
  CertificateSigningRequest,
  CertificateSigningRequestSpec,
} from '../../api/generated/certificates-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'
import { createCertificateCleaner } from './cleaner.ts'
import { createCertificateSigner } from './signer.ts'

const hourMs = 3600 * 1000
const kubelet = 'kubernetes.io/kube-apiserver-client-kubelet'
const serving = 'kubernetes.io/kubelet-serving'
const client = 'kubernetes.io/kube-apiserver-client'
const directory = mkdtempSync(join(tmpdir(), 'certificates-'))
let clock: FakeClock
let plane: TestControlPlane
let authority: CertificateAuthority
let controllers: Controller[]
let keys: webcrypto.CryptoKeyPair

beforeAll(async () => {
  keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
})
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(async () => {
  clock = new FakeClock(Date.UTC(2026, 0, 1))
  plane = createTestControlPlane({ clock })
  authority = await openCertificateAuthority(directory, clock)
  controllers = [
    createCertificateSigner(plane.dependencies, authority),
    createCertificateCleaner(plane.dependencies),
  ]
  await Promise.all(controllers.map((controller) => controller.start()))
})
afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()))
  await plane.close()
})

/** Base64 of a PEM request. */
async function requestFor(name: string, altNames: x509.JsonGeneralNames = []): Promise<string> {
  const extensions = altNames.length > 0 ? [new x509.SubjectAlternativeNameExtension(altNames)] : []
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm,
    extensions,
  })
  return Buffer.from(request.toString('pem')).toString('base64')
}

async function submit(
  spec: Partial<CertificateSigningRequestSpec> & { signerName: string; request: string },
): Promise<string> {
  const name = `csr-${createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 8)}`
  await plane.client.create(resources.certificateSigningRequests, {
    metadata: { name },
    spec: { usages: ['digital signature', 'client auth'], ...spec },
  })
  return name
}

async function decide(name: string, type: 'Approved' | 'Denied' = 'Approved'): Promise<void> {
  const status = { conditions: [{ type, status: 'True', reason: 'Test', message: 'm' }] }
  const body = { metadata: { name }, status } as CertificateSigningRequest
  await plane.client.updateSubresource(
    resources.certificateSigningRequests,
    { name, subresource: 'approval' },
    body,
  )
}

const read = (name: string): Promise<CertificateSigningRequest> =>
  plane.client.get(resources.certificateSigningRequests, { name })

const answered = (name: string): Promise<CertificateSigningRequest> =>
  waitFor(async () => {
    const request = await read(name)
    return request.status?.certificate || request.status?.conditions?.some(({ type }) => type === 'Failed')
      ? request
      : undefined
  })

async function issued(name: string): Promise<X509Certificate> {
  const { status } = await answered(name)
  return new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64'))
}

describe('the certificate signer', () => {
  it('issues what was approved: subject, names, usages and duration', async () => {
    const request = await requestFor('CN=system:node:n1,O=system:nodes', [
      { type: 'dns', value: 'n1.example.com' },
      { type: 'ip', value: '10.0.0.1' },
    ])
    const usages = ['digital signature', 'server auth']
    const name = await submit({ signerName: serving, request, usages, expirationSeconds: 3600 })
    await decide(name)
    const certificate = await issued(name)
    expect(certificate.subject).toBe('CN=system:node:n1\nO=system:nodes')
    expect(certificate.subjectAltName).toBe('DNS:n1.example.com, IP Address:10.0.0.1')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(certificate.ca).toBe(false)
    expect(Date.parse(certificate.validFrom)).toBe(clock.now() - 5 * 60 * 1000)
    expect(Date.parse(certificate.validTo)).toBe(clock.now() + hourMs)
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
  })

  it('gives a year when no duration is asked for, and no more', async () => {
    const request = await requestFor('CN=ada')
    const name = await submit({ signerName: client, request, expirationSeconds: 1e8 })
    await decide(name)
    const certificate = await issued(name)
    expect(Date.parse(certificate.validTo)).toBe(clock.now() + 365 * 24 * hourMs - 5 * 60 * 1000)
  })

  const node = 'CN=system:node:n1,O=system:nodes'
  it.each<{ signer: string; subject: string; names?: x509.JsonGeneralNames; usages: string[]; why: string }>([
    {
      signer: client,
      subject: 'CN=ada',
      usages: ['server auth'],
      why: 'invalid usage for client certificate: server auth',
    },
    {
      signer: client,
      subject: 'CN=ada',
      usages: ['digital signature'],
      why: 'missing required usage for client certificate: client auth',
    },
    {
      signer: kubelet,
      subject: 'CN=system:node:n1',
      usages: ['client auth'],
      why: 'subject organization is not system:nodes',
    },
    {
      signer: kubelet,
      subject: 'CN=n1,O=system:nodes',
      usages: ['digital signature', 'client auth'],
      why: 'subject common name does not begin with system:node:',
    },
    {
      signer: kubelet,
      subject: node,
      names: [{ type: 'dns', value: 'n1' }],
      usages: ['digital signature', 'client auth'],
      why: 'DNS subjectAltNames are not allowed',
    },
    {
      signer: kubelet,
      subject: node,
      usages: ['client auth'],
      why: 'usages did not match [client auth digital signature key encipherment]',
    },
    {
      signer: serving,
      subject: node,
      usages: ['digital signature', 'server auth'],
      why: 'DNS or IP subjectAltName is required',
    },
    {
      signer: serving,
      subject: node,
      names: [
        { type: 'ip', value: '10.0.0.1' },
        { type: 'email', value: 'a@example.com' },
      ],
      usages: ['digital signature', 'server auth'],
      why: 'Email subjectAltNames are not allowed',
    },
  ])('$signer fails $subject for $usages', async ({ signer, subject, names, usages, why }) => {
    const name = await submit({ signerName: signer, usages, request: await requestFor(subject, names) })
    await decide(name)
    const { status } = await answered(name)
    expect(status?.certificate).toBeUndefined()
    const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: why }
    expect(status?.conditions).toContainEqual(expect.objectContaining(failed))
  })

  it('leaves the requests of other signers, and those that nobody approved', async () => {
    const request = await requestFor('CN=ada')
    const other = await submit({ signerName: 'example.com/mine', request })
    await decide(other)
    const denied = await submit({ signerName: client, request, expirationSeconds: 601 })
    await decide(denied, 'Denied')
    const ours = await submit({ signerName: client, request })
    await decide(ours)
    await issued(ours)
    for (const name of [other, denied]) expect((await read(name)).status?.certificate).toBeUndefined()
  })
})

describe('the certificate cleaner', () => {
  const gone = (name: string): Promise<true> =>
    waitFor(() =>
      read(name).then(
        () => undefined,
        (error: unknown) => (isNotFound(error) ? true : undefined),
      ),
    )

  it('deletes the answered after an hour, the forgotten after a day', async () => {
    const request = await requestFor('CN=ada')
    const [done, denied, pending, stuck] = await Promise.all(
      [client, 'example.com/denied', 'example.com/pending', 'example.com/stuck'].map((signerName) =>
        submit({ signerName, request }),
      ),
    )
    await decide(done!)
    await issued(done!)
    await decide(denied!, 'Denied')
    await decide(stuck!)
    await clock.advance(hourMs - 1000)
    await Promise.all([done, denied, pending, stuck].map((name) => read(name!)))
    await clock.advance(2000)
    await Promise.all([gone(done!), gone(denied!)])
    for (let hour = 1; hour < 23; hour++) await clock.advance(hourMs)
    await Promise.all([read(pending!), read(stuck!)])
    await clock.advance(hourMs)
    await Promise.all([gone(pending!), gone(stuck!)])
  })
})
