import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { rfc3339 } from '../../util/clock.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { openServiceAccountKey, type ServiceAccountKey } from '../service-account-key.ts'
import { createTokenIssuer, type TokenInput, type TokenIssuer } from '../tokens.ts'
import type { Authenticator } from './authenticator.ts'
import { createAuthenticator } from './create-authenticator.ts'
import { createServiceAccountTokens } from './service-account-tokens.ts'
import { createStaticTokens } from './static-tokens.ts'

const refused = expect.objectContaining({ code: 401, reason: 'Unauthorized' })

describe('createAuthenticator', () => {
  let directory: string
  let key: ServiceAccountKey
  let clock: FakeClock
  let issuer: TokenIssuer
  let authenticator: Authenticator
  let objects: Map<string, KubeObject>

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'auth-'))
    key = await openServiceAccountKey(directory)
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  beforeEach(() => {
    clock = new FakeClock()
    issuer = createTokenIssuer({ key, clock })
    objects = new Map([
      ['serviceaccounts/shop/web', { metadata: { name: 'web', uid: 'sa-1' } }],
      ['pods/shop/web-0', { metadata: { name: 'web-0', uid: 'pod-1' } }],
    ])
    authenticator = createAuthenticator({
      tokens: [
        createStaticTokens([{ token: 'secret', user: { name: 'gateway', groups: ['system:masters'] } }]),
        createServiceAccountTokens({
          key,
          issuer: issuer.issuer,
          audiences: issuer.audiences,
          clock,
          read: async (resource, namespace, name) => objects.get(`${resource}/${namespace}/${name}`),
        }),
      ],
    })
  })

  const account: TokenInput = {
    namespace: 'shop',
    serviceAccount: { name: 'web', uid: 'sa-1' },
    expirationSeconds: 3600,
  }
  async function login(input: Partial<TokenInput> = {}) {
    const { token } = await issuer.issue({ ...account, ...input })
    return authenticator.authenticate({ authorization: `Bearer ${token}` })
  }

  it('gives nobody for a request without credentials', async () => {
    expect(await authenticator.authenticate({})).toBeUndefined()
  })

  it('takes user and groups from a verified client certificate', async () => {
    const certificate = {
      verified: true,
      expiresAt: 0,
      commonName: 'admin',
      organizations: ['system:masters'],
      sha256: 'c0ffee',
    }
    expect(await authenticator.authenticate({ certificate })).toEqual({
      name: 'admin',
      groups: ['system:masters', 'system:authenticated'],
      // By which a request can be traced to the certificate.
      extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=c0ffee'] },
    })
  })

  it('refuses a certificate of another authority, even on public paths', async () => {
    const certificate = {
      verified: false,
      expiresAt: 0,
      commonName: 'admin',
      organizations: ['system:masters'],
      sha256: 'c0ffee',
    }
    await expect(authenticator.authenticate({ certificate })).rejects.toEqual(refused)
  })

  it('knows static tokens and refuses unknown ones', async () => {
    const user = await authenticator.authenticate({ authorization: 'Bearer secret' })
    expect(user?.name).toBe('gateway')
    await expect(authenticator.authenticate({ authorization: 'Bearer secret2' })).rejects.toEqual(refused)
    await expect(authenticator.authenticate({ authorization: 'Basic c2VjcmV0' })).rejects.toEqual(refused)
  })

  it('turns a service account token into upstream’s user', async () => {
    const user = await login({ pod: { name: 'web-0', uid: 'pod-1' } })
    expect(user).toMatchObject({
      name: 'system:serviceaccount:shop:web',
      uid: 'sa-1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/pod-name': ['web-0'],
        'authentication.kubernetes.io/pod-uid': ['pod-1'],
      },
    })
  })

  it('refuses tokens that are expired, for another audience or tampered with', async () => {
    const { token } = await issuer.issue(account)
    await authenticator.authenticate({ authorization: `Bearer ${token}` })
    const [head, , signature] = token.split('.')
    const claims = Buffer.from(JSON.stringify({ sub: 'system:serviceaccount:kube-system:root' })).toString(
      'base64url',
    )
    const forged = `${head}.${claims}.${signature}`
    await expect(authenticator.authenticate({ authorization: `Bearer ${forged}` })).rejects.toEqual(refused)
    await expect(login({ audiences: ['vault'] })).rejects.toEqual(refused)
    await clock.advance(3601_000)
    await expect(authenticator.authenticate({ authorization: `Bearer ${token}` })).rejects.toEqual(refused)
  })

  it('refuses a token once its account was replaced by one of the same name', async () => {
    const { token } = await issuer.issue(account)
    await authenticator.authenticate({ authorization: `Bearer ${token}` })
    objects.set('serviceaccounts/shop/web', { metadata: { name: 'web', uid: 'sa-2' } })
    await expect(authenticator.authenticate({ authorization: `Bearer ${token}` })).rejects.toEqual(refused)
  })

  it('refuses a pod’s token a minute after the pod’s deletion began, and when it is gone', async () => {
    const pod = { name: 'web-0', uid: 'pod-1' }
    objects.set('pods/shop/web-0', { metadata: { ...pod, deletionTimestamp: rfc3339(clock.now()) } })
    expect(await login({ pod })).toBeDefined()
    await clock.advance(61_000)
    await expect(login({ pod })).rejects.toEqual(refused)
    objects.delete('pods/shop/web-0')
    await expect(login({ pod })).rejects.toEqual(refused)
  })
})
