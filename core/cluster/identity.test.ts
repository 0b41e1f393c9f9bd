import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenRequest } from '../api/generated/authentication-v1.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { createTokenIssuer } from '../auth/tokens.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { ensureBootstrapObjects } from './bootstrap-objects.ts'
import { openControlPlane, type ControlPlane } from './control-plane.ts'
import { openWithAccessControl } from './testing/open-with-access-control.ts'

describe('who may come in', () => {
  let directory: string
  let plane: ControlPlane
  let port: number
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'identity-'))
    plane = await openWithAccessControl(directory)
    ;({ port } = await plane.server.listen('127.0.0.1', 0))
  })
  afterAll(async () => {
    await plane.close()
    rmSync(directory, { recursive: true, force: true })
  })

  function get(path: string, token?: string): Promise<{ code: number; text: string }> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path, headers, ca: plane.pki.ca.certificate, agent: false }
      request(options, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ code: response.statusCode!, text }))
      })
        .on('error', reject)
        .end()
    })
  }
  async function accountToken(): Promise<string> {
    const client = plane.clientFor('admin')
    const account = await client.create(resources.serviceAccounts, {
      metadata: { name: '', generateName: 'reader-', namespace: 'default' },
    })
    const issuer = createTokenIssuer({ key: plane.pki.serviceAccountKey, clock: systemClock })
    const { token } = await issuer.issue({
      namespace: 'default',
      serviceAccount: { name: account.metadata.name, uid: account.metadata.uid! },
      expirationSeconds: 600,
    })
    return token
  }

  it.each(['/healthz', '/livez', '/readyz', '/livez?verbose'])('anybody at %s', async (path) => {
    expect((await get(path)).code).toBe(200)
  })

  it.each(['/', '/version', '/api/v1/pods', '/livez/ping', '/openid/v1/jwks'])(
    'nobody without credentials at %s',
    async (path) => {
      const { code, text } = await get(path)
      expect([code, JSON.parse(text)]).toEqual([
        401,
        expect.objectContaining({ reason: 'Unauthorized', message: 'Unauthorized' }),
      ])
    },
  )

  it('ServiceAccounts at the issuer’s documents, by which anybody can check their tokens', async () => {
    const token = await accountToken()
    const document = JSON.parse((await get('/.well-known/openid-configuration', token)).text) as Record<
      string,
      unknown
    >
    expect(document).toEqual({
      issuer: 'https://kubernetes.default.svc.cluster.local',
      jwks_uri: 'https://kubernetes.default.svc.cluster.local/openid/v1/jwks',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
    const keys = JSON.parse((await get('/openid/v1/jwks', token)).text) as JSONWebKeySet
    expect(keys.keys[0]).not.toHaveProperty('d')
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: String(document['issuer']),
    })
    expect(payload.sub).toMatch(/^system:serviceaccount:default:reader-/)
  })
})

describe('the token of a default volume', () => {
  it('is good for a year and says from when on it is old, for our own audience and a pod only', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'identity-'))
    const plane = await openControlPlane({
      dataDirectory: directory,
      nodeBackends: () => undefined,
      clock: systemClock,
      log: silentLogger,
    })
    const client = plane.clientFor('admin')
    await ensureBootstrapObjects(client.transport)
    await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
    await client.create(resources.pods, {
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    })
    const ask = async (spec: object) => {
      const answer = (await client.transport.call({
        verb: 'create',
        resource: resources.serviceAccounts,
        namespace: 'default',
        name: 'default',
        subresource: 'token',
        body: { metadata: { name: '' }, spec } as KubeObject,
      })) as TokenRequest
      const claims = decodeJwt(answer.status!.token!)
      const kubernetes = claims['kubernetes.io'] as { warnafter?: number }
      return {
        life: claims.exp! - claims.iat!,
        warns: kubernetes.warnafter === undefined ? undefined : kubernetes.warnafter - claims.iat!,
        told: Math.round(Date.parse(answer.status!.expirationTimestamp!) / 1000) - claims.iat!,
      }
    }
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' }
    expect(await ask({ expirationSeconds: 3607, boundObjectRef })).toEqual({
      life: 365 * 24 * 3600,
      warns: 3607,
      told: 3607,
    })
    expect(await ask({ expirationSeconds: 3600, boundObjectRef })).toEqual({
      life: 3600,
      warns: undefined,
      told: 3600,
    })
    expect(await ask({ expirationSeconds: 3607 })).toMatchObject({ life: 3607 })
    expect(await ask({ expirationSeconds: 3607, boundObjectRef, audiences: ['vault'] })).toMatchObject({
      life: 3607,
    })
    await plane.close()
    rmSync(directory, { recursive: true, force: true })
  })
})
