import { describe, expect, it } from 'vitest'
import type { Secret } from '../../api/generated/core-v1.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { createBootstrapTokens } from './bootstrap-tokens.ts'

const clock = new FakeClock(Date.UTC(2026, 0, 1))
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const good = {
  'token-id': 'abcdef',
  'token-secret': '0123456789abcdef',
  'usage-bootstrap-authentication': 'true',
}

function login(
  data: Record<string, string>,
  change: Partial<Secret> = {},
  token = 'abcdef.0123456789abcdef',
): Promise<unknown> {
  const secret: Secret = {
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
    ...change,
  }
  return createBootstrapTokens({
    find: async (namespace, name) =>
      namespace === 'kube-system' && name === 'bootstrap-token-abcdef' ? secret : undefined,
    clock,
  }).authenticateToken(token)
}

describe('bootstrap tokens', () => {
  it('log in as bootstrappers, with the groups of the token', async () => {
    expect(await login(good)).toEqual({ name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers'] })
    const extra = 'system:bootstrappers:worker,system:bootstrappers:a'
    expect(await login({ ...good, 'auth-extra-groups': extra })).toMatchObject({
      groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:worker'],
    })
  })

  it('end at their expiration', async () => {
    expect(await login({ ...good, expiration: '2026-01-01T01:00:00+00:30' })).toBeDefined()
    expect(await login({ ...good, expiration: '2026-01-01T00:00:00Z' })).toBeUndefined()
    expect(await login({ ...good, expiration: 'tomorrow' })).toBeUndefined()
  })

  it.each<[string, Record<string, string>, Partial<Secret>, string?]>([
    ['with another secret', good, {}, 'abcdef.0123456789abcdeg'],
    ['that nobody made', good, {}, 'abcdeg.0123456789abcdef'],
    ['of another form', good, {}, 'abcdef.0123456789ABCDEF'],
    ['not meant for logging in', { ...good, 'usage-bootstrap-authentication': 'yes' }, {}],
    ['whose Secret is of another id', { ...good, 'token-id': 'abcdeg' }, {}],
    ['whose Secret is of another type', good, { type: 'Opaque' }],
    [
      'that is being deleted',
      good,
      {
        metadata: {
          name: 'bootstrap-token-abcdef',
          namespace: 'kube-system',
          deletionTimestamp: '2026-01-01T00:00:00Z',
        },
      },
    ],
    ['that claims other groups', { ...good, 'auth-extra-groups': 'system:masters' }, {}],
    ['with an empty group', { ...good, 'auth-extra-groups': 'system:bootstrappers:a,' }, {}],
  ])('are no good %s', async (...[, data, change, token]) => {
    expect(await login(data, change, token)).toBeUndefined()
  })
})
