import { createServer, type Server } from 'node:https'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../util/fake-clock.ts'
import type { Logger } from '../../../util/logger.ts'
import { openCertificateAuthority } from '../../certificate-authority.ts'
import type { TokenAuthenticator } from '../authenticator.ts'
import { createOidcAuthenticator } from './oidc-authenticator.ts'
import { oidcProblems, type OidcOptions } from './oidc-options.ts'

const refused = expect.objectContaining({ code: 401 }) as unknown

describe('OIDC tokens', () => {
  const clock = new FakeClock()
  const seconds = () => Math.floor(clock.now() / 1000)
  let directory: string
  let ca: string
  let server: Server
  let issuer: string
  let keys: Map<string, { privateKey: CryptoKey; jwk: JWK }>
  let isUp = true
  let asked: string[]
  let logged: string[]
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    error: () => undefined,
    child: () => log,
  }

  async function addKey(kid: string): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } })
  }
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'oidc-'))
    const authority = await openCertificateAuthority(directory, {
      ...clock,
      now: () => Date.now(),
      after: clock.after.bind(clock),
      every: clock.every.bind(clock),
    })
    ca = authority.certificate
    const { certificate, key } = await authority.issue({
      commonName: 'issuer',
      ipAddresses: ['127.0.0.1'],
      usages: ['server'],
    })
    server = createServer({ cert: certificate, key }, (request, response) => {
      asked.push(request.url!)
      if (!isUp) return void response.writeHead(503).end()
      const body =
        request.url === '/keys'
          ? { keys: [...keys.values()].map(({ jwk }) => jwk) }
          : { issuer, jwks_uri: `${issuer}/keys` }
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
    rmSync(directory, { recursive: true })
  })
  beforeEach(async () => {
    keys = new Map()
    asked = []
    logged = []
    isUp = true
    await addKey('one')
  })

  function authenticator(options: Partial<OidcOptions> = {}): TokenAuthenticator {
    const oidc: OidcOptions = {
      issuerUrl: issuer,
      clientId: 'kubernetes',
      usernameClaim: 'sub',
      groupsPrefix: '',
      requiredClaims: {},
      ca,
      signingAlgorithms: ['RS256'],
      ...options,
    }
    return createOidcAuthenticator({ oidc, clock, log })
  }
  function sign(claims: Record<string, unknown> = {}, kid = 'one'): Promise<string> {
    return new SignJWT({ iss: issuer, aud: 'kubernetes', sub: 'ada', exp: seconds() + 3600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign(keys.get(kid)!.privateKey)
  }
  const login = async (claims: Record<string, unknown>, options: Partial<OidcOptions> = {}) =>
    authenticator(options).authenticateToken(await sign(claims))

  it.each<[string, Record<string, unknown>, Partial<OidcOptions>, (issuer: string) => unknown]>([
    ['the issuer as prefix', {}, {}, (url) => ({ name: `${url}#ada`, groups: [] })],
    [
      'no prefix for mail',
      { email: 'ada@x.org', email_verified: true },
      { usernameClaim: 'email' },
      () => ({ name: 'ada@x.org', groups: [] }),
    ],
    ['an own prefix', {}, { usernamePrefix: 'oidc:' }, () => ({ name: 'oidc:ada', groups: [] })],
    ['"-" for none', {}, { usernamePrefix: '-' }, () => ({ name: 'ada', groups: [] })],
    [
      'groups with prefix',
      { roles: ['dev', 'ops'] },
      { usernamePrefix: '-', groupsClaim: 'roles', groupsPrefix: 'g:' },
      () => ({ name: 'ada', groups: ['g:dev', 'g:ops'] }),
    ],
    [
      'a single group',
      { roles: 'dev' },
      { usernamePrefix: '-', groupsClaim: 'roles' },
      () => ({ name: 'ada', groups: ['dev'] }),
    ],
    [
      'a required claim',
      { hd: 'x.org' },
      { usernamePrefix: '-', requiredClaims: { hd: 'x.org' } },
      () => ({ name: 'ada', groups: [] }),
    ],
    [
      'several audiences',
      { aud: ['other', 'kubernetes'] },
      { usernamePrefix: '-' },
      () => ({ name: 'ada', groups: [] }),
    ],
  ])('take %s', async (_what, claims, options, expected) => {
    expect(await login(claims, options)).toEqual(expected(issuer))
  })

  it.each<[string, Record<string, unknown>, Partial<OidcOptions>, string]>([
    ['another audience', { aud: 'other' }, {}, 'aud'],
    ['an expired token', { exp: 1 }, {}, 'exp'],
    ['a token without an end', { exp: undefined }, {}, 'exp'],
    ['a token from the future', { nbf: 9e9 }, {}, 'nbf'],
    [
      'an unverified mail address',
      { email: 'a@x', email_verified: false },
      { usernameClaim: 'email' },
      'oidc: email not verified',
    ],
    ['a missing name', {}, { usernameClaim: 'login' }, 'claim not present'],
    [
      'a missing required claim',
      {},
      { requiredClaims: { hd: 'x.org' } },
      'required claim hd not present in ID token',
    ],
    [
      'a wrong required claim',
      { hd: 'y.org' },
      { requiredClaims: { hd: 'x.org' } },
      'required claim hd value does not match',
    ],
    ['groups that are no texts', { roles: [1] }, { groupsClaim: 'roles' }, 'parse groups claim'],
    ['another algorithm', {}, { signingAlgorithms: ['ES256'] }, 'alg'],
  ])('refuse %s and log why, without the token', async (_what, claims, options, reason) => {
    const token = await sign(claims)
    await expect(authenticator(options).authenticateToken(token)).rejects.toEqual(refused)
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain(reason)
    expect(logged[0]).not.toContain(token.split('.')[2])
  })

  it('leave alone what is another issuer’s, or no JWT', async () => {
    expect(await login({ iss: 'https://elsewhere' })).toBeUndefined()
    expect(await authenticator().authenticateToken('abc')).toBeUndefined()
    expect(asked).toEqual([])
  })

  it('refuse a forged signature', async () => {
    const [head, , signature] = (await sign()).split('.')
    const claims = Buffer.from(
      JSON.stringify({ iss: issuer, aud: 'kubernetes', sub: 'root', exp: seconds() + 60 }),
    )
    const forged = `${head}.${claims.toString('base64url')}.${signature}`
    await expect(authenticator().authenticateToken(forged)).rejects.toEqual(refused)
  })

  it('ask for the keys once, and again when the issuer has changed them', async () => {
    const tokens = authenticator({ usernamePrefix: '-' })
    for (let i = 0; i < 3; i++) await tokens.authenticateToken(await sign())
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys'])
    await addKey('two')
    const rotated = await sign({}, 'two')
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(await tokens.authenticateToken(rotated)).toMatchObject({ name: 'ada' })
    expect(asked).toHaveLength(3)
  })

  it('work once an issuer that was away is back', async () => {
    isUp = false
    const tokens = authenticator({ usernamePrefix: '-' })
    await expect(tokens.authenticateToken(await sign())).rejects.toEqual(refused)
    expect(logged[0]).toContain('answered 503')
    isUp = true
    expect(await tokens.authenticateToken(await sign())).toMatchObject({ name: 'ada' })
  })

  it('trust no issuer whose certificate does not chain to the given CA', async () => {
    const other = await openCertificateAuthority(join(directory, 'other'), clock)
    await expect(login({}, { ca: other.certificate })).rejects.toEqual(refused)
    expect(asked).toEqual([])
  })

  it('say what is wrong with the flags', () => {
    const base = { usernameClaim: 'sub', groupsPrefix: '', requiredClaims: {}, signingAlgorithms: ['RS256'] }
    expect(oidcProblems({ ...base, issuerUrl: 'https://x', clientId: 'a' })).toEqual([])
    expect(
      oidcProblems({ ...base, issuerUrl: 'http://x', clientId: '', signingAlgorithms: ['none'] }),
    ).toEqual([
      'oidc-issuer-url and oidc-client-id must be specified together',
      'oidc-issuer-url "http://x": URL scheme must be https',
      expect.stringContaining('oidc-signing-algs: "none" is none of RS256'),
    ])
  })
})
