import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { createSecretTokenSigner } from '../secret-tokens.ts'
import { openServiceAccountKey, type ServiceAccountKey } from '../service-account-key.ts'
import { createTokenIssuer } from '../tokens.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import { createSecretTokens } from './secret-tokens.ts'
import { createServiceAccountTokens } from './service-account-tokens.ts'
import { createTokenReviewer } from './token-reviewer.ts'

const refused = expect.objectContaining({ code: 401 })
const dayMs = 24 * 3600 * 1000
const directory = mkdtempSync(join(tmpdir(), 'secret-tokens-'))
let key: ServiceAccountKey
let clock: FakeClock
let secret: Secret | undefined
let account: ServiceAccount | undefined
let labelled: string[]
let told: string[]
let token: string
let authenticator: TokenAuthenticator

beforeAll(async () => {
  key = await openServiceAccountKey(directory)
})
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(async () => {
  clock = new FakeClock(Date.UTC(2026, 0, 1, 23, 59))
  token = await createSecretTokenSigner(key)({
    namespace: 'shop',
    serviceAccount: { name: 'web', uid: 'sa-1' },
    secretName: 'web-token',
  })
  secret = { metadata: { name: 'web-token', namespace: 'shop' }, data: { token: base64(token) } }
  account = { metadata: { name: 'web', namespace: 'shop', uid: 'sa-1' } }
  labelled = []
  told = []
  authenticator = createSecretTokens({
    key,
    clock,
    observer: {
      bound: (isStale) => void told.push(isStale ? 'stale' : 'valid'),
      legacy: (isListed) => void told.push(isListed ? 'auto' : 'manual'),
      invalidated: () => void told.push('invalidated'),
    },
    source: {
      secret: async (namespace, name) => (`${namespace}/${name}` === 'shop/web-token' ? secret : undefined),
      serviceAccount: async (namespace, name) =>
        `${namespace}/${name}` === 'shop/web' ? account : undefined,
      async label(object, label, value) {
        labelled.push(`${label}=${value}`)
        secret = { ...object, metadata: { ...object.metadata, labels: { [label]: value } } }
      },
    },
  })
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a token in a Secret', () => {
  it('is its account’s, without end', async () => {
    const user = {
      name: 'system:serviceaccount:shop:web',
      uid: 'sa-1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop'],
    }
    expect(await authenticator.authenticateToken(token)).toEqual(user)
    await clock.advance(3650 * dayMs)
    expect(await authenticator.authenticateToken(token)).toEqual(user)
  })

  it('notes the day of its last use once, and not what another server noted after midnight', async () => {
    await authenticator.authenticateToken(token)
    await authenticator.authenticateToken(token)
    expect(labelled).toEqual(['kubernetes.io/legacy-token-last-used=2026-01-01'])
    secret!.metadata.labels = { 'kubernetes.io/legacy-token-last-used': '2026-01-02' }
    await authenticator.authenticateToken(token)
    expect(labelled).toHaveLength(1)
    await clock.advance(2 * dayMs)
    await authenticator.authenticateToken(token)
    expect(labelled[1]).toBe('kubernetes.io/legacy-token-last-used=2026-01-03')
  })

  it.each<[string, () => void]>([
    ['the Secret is gone', () => (secret = undefined)],
    ['the Secret is being deleted', () => (secret!.metadata.deletionTimestamp = '2026-01-01T00:00:00Z')],
    ['the Secret holds another token', () => (secret!.data = { token: base64(`${token}x`) })],
    [
      'it was declared invalid',
      () => (secret!.metadata.labels = { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }),
    ],
    ['the account is gone', () => (account = undefined)],
    ['the account is another of that name', () => (account!.metadata.uid = 'sa-2')],
    ['the account is being deleted', () => (account!.metadata.deletionTimestamp = '2026-01-01T00:00:00Z')],
  ])('is refused once %s', async (_what, change) => {
    expect(await authenticator.authenticateToken(token)).toBeDefined()
    change()
    await expect(authenticator.authenticateToken(token)).rejects.toEqual(refused)
  })

  it('is counted by whose it is, and when it was declared invalid', async () => {
    await authenticator.authenticateToken(token)
    account!.secrets = [{ name: 'web-token' }]
    await authenticator.authenticateToken(token)
    secret!.metadata.labels = { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }
    await expect(authenticator.authenticateToken(token)).rejects.toEqual(refused)
    expect(told).toEqual(['manual', 'auto', 'invalidated'])
    // That it was tried is noted all the same.
    expect(labelled).toHaveLength(2)
  })

  it('is none when another key signed it, or its claims were changed', async () => {
    const other = mkdtempSync(join(tmpdir(), 'secret-tokens-'))
    const foreign = await createSecretTokenSigner(await openServiceAccountKey(other))({
      namespace: 'shop',
      serviceAccount: { name: 'web', uid: 'sa-1' },
      secretName: 'web-token',
    })
    rmSync(other, { recursive: true })
    expect(await authenticator.authenticateToken(foreign)).toBeUndefined()
    const [head, body = '', signature] = token.split('.')
    const claims = Buffer.from(body, 'base64url').toString().replaceAll('web', 'root')
    const forged = [head, Buffer.from(claims).toString('base64url'), signature].join('.')
    expect(await authenticator.authenticateToken(forged)).toBeUndefined()
    expect(await authenticator.authenticateToken('abcdef.0123456789abcdef')).toBeUndefined()
  })

  it('is left by the authenticator of requested tokens, and reviewed for the API server only', async () => {
    const issuer = createTokenIssuer({ key, clock })
    const { audiences } = issuer
    const requested = createServiceAccountTokens({
      key,
      issuer: issuer.issuer,
      audiences,
      clock,
      read: async () => undefined,
    })
    expect(await requested.authenticateToken(token)).toBeUndefined()
    const reviewer = createTokenReviewer({ tokens: [requested, authenticator], audiences })
    expect(await reviewer.review(token, [])).toMatchObject({ user: { uid: 'sa-1' }, audiences })
    expect(await reviewer.review(token, ['vault'])).toBeUndefined()
  })
})
