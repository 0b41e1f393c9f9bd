import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import { openPki } from './pki.ts'

const dayMs = 24 * 3600 * 1000

describe('openPki', () => {
  let directory: string
  let clock: FakeClock
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pki-'))
    clock = new FakeClock(Date.UTC(2026, 5, 1))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  const open = () => openPki({ directory, clock, log: silentLogger })

  it('keeps its keys private and the same across restarts', async () => {
    const first = await open()
    const second = await open()
    expect(second.ca.certificate).toBe(first.ca.certificate)
    expect(second.serviceAccountKey.keyId).toBe(first.serviceAccountKey.keyId)
    for (const file of ['ca.key', 'sa.key']) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
  })

  it('makes a CA that is valid for ten years', async () => {
    const { ca } = await open()
    const certificate = new X509Certificate(ca.certificate)
    expect(certificate.ca).toBe(true)
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(clock.now() + 3640 * dayMs)
  })

  it('replaces a CA that is about to expire', async () => {
    const { ca } = await open()
    clock = new FakeClock(clock.now() + 3640 * dayMs)
    expect((await open()).ca.certificate).not.toBe(ca.certificate)
  })

  it('issues server certificates for names and addresses, valid an hour back', async () => {
    const pki = await open()
    using manager = await pki.issueServer(() => ({
      dnsNames: ['kubernetes.default.svc', 'localhost'],
      ipAddresses: ['127.0.0.1', '10.96.0.1'],
    }))
    const certificate = new X509Certificate(manager.current.certificate)
    expect(certificate.checkHost('kubernetes.default.svc')).toBeDefined()
    expect(certificate.checkIP('10.96.0.1')).toBeDefined()
    expect(certificate.verify(new X509Certificate(pki.ca.certificate).publicKey)).toBe(true)
    expect(Date.parse(certificate.validFrom)).toBe(clock.now() - 3600 * 1000)
  })

  it('issues client certificates with the user as CN and the groups as O', async () => {
    const pki = await open()
    const { certificate } = await pki.issueClient({
      commonName: 'admin',
      organizations: ['system:masters', 'team'],
    })
    expect(new X509Certificate(certificate).subject.split('\n')).toEqual([
      'O=system:masters',
      'O=team',
      'CN=admin',
    ])
  })

  it('renews a serving certificate at two thirds of its life and tells the listeners', async () => {
    const pki = await open()
    let names = ['a.example']
    using manager = await pki.issueServer(() => ({ dnsNames: names, ipAddresses: [] }))
    const renewed = new Promise<string>((resolve) => {
      manager.onRenewed(({ certificate }) => resolve(certificate))
    })
    names = ['b.example']
    clock.jump(240 * dayMs)
    await clock.advance(60_000)
    expect(new X509Certificate(manager.current.certificate).checkHost('a.example')).toBeDefined()
    clock.jump(10 * dayMs)
    await clock.advance(60_000)
    expect(new X509Certificate(await renewed).checkHost('b.example')).toBeDefined()
  })

  it.each([
    ['ahead', 400],
    ['back', -400],
  ])('has valid certificates a minute after the clock was set 400 days %s', async (_where, days) => {
    const pki = await open()
    using server = await pki.issueServer(() => ({ dnsNames: ['a.example'], ipAddresses: [] }))
    using client = await pki.manageClient({ commonName: 'admin', organizations: ['system:masters'] })
    const renewals = [server, client].map(
      (manager) => new Promise<void>((resolve) => void manager.onRenewed(() => resolve())),
    )
    clock.jump(days * dayMs)
    await clock.advance(60_000)
    await Promise.all(renewals)
    for (const { current } of [server, client]) {
      expect(current.notBefore).toBeLessThanOrEqual(clock.now())
      expect(current.notAfter).toBeGreaterThan(clock.now() + 300 * dayMs)
    }
    // One that is fresh is left alone.
    const { current } = server
    await clock.advance(10 * 60_000)
    expect(server.current).toBe(current)
  })

  it('leaves no half-written file behind', async () => {
    await open()
    expect(readFileSync(join(directory, 'ca.key'), 'utf8')).toMatch(
      /^-----BEGIN PRIVATE KEY-----[^]+END PRIVATE KEY-----\n$/,
    )
  })
})
