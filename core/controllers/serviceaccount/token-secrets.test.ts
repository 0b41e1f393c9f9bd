import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import type { Controller } from '../kit/controller.ts'
import { createTokenSecretsController } from './token-secrets.ts'

const namespace = 'shop'
const type = 'kubernetes.io/service-account-token'
let plane: TestControlPlane
let controller: Controller

beforeEach(async () => {
  plane = createTestControlPlane()
  await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
  controller = createTokenSecretsController(plane.dependencies, {
    rootCa: 'the CA',
    sign: async (subject) => JSON.stringify(subject),
  })
  await controller.start()
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

function account(secrets: string[] = []): Promise<ServiceAccount> {
  return plane.client.create(resources.serviceAccounts, {
    metadata: { name: 'web', namespace },
    secrets: secrets.map((name) => ({ name })),
  })
}

function tokenSecret(
  data: Record<string, string> = {},
  annotations: Record<string, string> = {},
): Promise<Secret> {
  const all = { 'kubernetes.io/service-account.name': 'web', ...annotations }
  const metadata = { name: 'web-token', namespace, annotations: all }
  return plane.client.create(resources.secrets, { metadata, type, data })
}

const read = (): Promise<Secret> => plane.client.get(resources.secrets, { namespace, name: 'web-token' })
const gone = (): Promise<true> =>
  waitFor(() =>
    read().then(
      () => undefined,
      (error: unknown) => (isNotFound(error) ? true : undefined),
    ),
  )

describe('a Secret for the token of a ServiceAccount', () => {
  it('is filled for the account it names', async () => {
    const { metadata } = await account()
    await tokenSecret({ extra: base64('stays') })
    const filled = await waitFor(async () => {
      const secret = await read()
      return secret.data?.['token'] ? secret : undefined
    })
    const subject = { namespace, serviceAccount: { name: 'web', uid: metadata.uid }, secretName: 'web-token' }
    expect(filled.data).toEqual({
      'ca.crt': base64('the CA'),
      namespace: base64(namespace),
      token: base64(JSON.stringify(subject)),
      extra: base64('stays'),
    })
    expect(filled.metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(metadata.uid)
  })

  it('keeps its token, and gets the CA of now', async () => {
    await account()
    await tokenSecret({ token: base64('mine'), 'ca.crt': base64('an older CA') })
    const { data } = await waitFor(async () => {
      const secret = await read()
      return secret.data?.['ca.crt'] === base64('the CA') ? secret : undefined
    })
    expect(data?.['token']).toBe(base64('mine'))
  })

  it('is deleted when it names another account than the one there is', async () => {
    await account()
    await tokenSecret({}, { 'kubernetes.io/service-account.uid': 'of-an-older-one' })
    await gone()
  })

  it('leaves the account’s list of secrets with it', async () => {
    await account(['kept', 'web-token'])
    await tokenSecret()
    await waitFor(async () => (await read()).data?.['token'])
    await plane.client.delete(resources.secrets, { namespace, name: 'web-token' })
    const { secrets } = await waitFor(async () => {
      const found = await plane.client.get(resources.serviceAccounts, { namespace, name: 'web' })
      return found.secrets?.length === 1 ? found : undefined
    })
    expect(secrets).toEqual([{ name: 'kept' }])
  })
})
