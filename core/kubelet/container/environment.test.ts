import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../api/generated/core-v1.ts'
import type { ConfigSource } from './config-source.ts'
import { buildEnvironment } from './environment.ts'
import { expand } from './expansion.ts'

const pod: Pod = {
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u1',
    labels: { app: 'web', 'b/c': 'd"e' },
    annotations: { note: 'n' },
  },
  spec: {
    nodeName: 'node-1',
    serviceAccountName: 'robot',
    containers: [],
    volumes: [{ name: 'config', emptyDir: {} }],
  },
}

const config: ConfigSource = {
  configMap: async (_namespace, name) =>
    name === 'cm' ? { metadata: { name }, data: { a: '1', b: '2' } } : undefined,
  secret: async (_namespace, name) =>
    name === 'sec' ? { metadata: { name }, data: { pw: Buffer.from('x y').toString('base64') } } : undefined,
}

const files = new Map([
  ['config/app.env', "# written by init\n  A='one'\nB='two\nlines' # said\n\nEMPTY=\nC='three'"],
  ['config/broken.env', "A='one'\nB = 'two'\nC='three'"],
])

async function environment(container: Partial<Container>): Promise<Record<string, string>> {
  const result = await buildEnvironment(
    { name: 'app', ...container },
    {
      view: { pod, podIps: ['10.0.0.7'], hostIps: ['192.168.0.2'] },
      allocatable: { cpu: '4', memory: '8Gi' },
      config,
      readFile: async (volume, path) => files.get(`${volume}/${path}`),
      serviceEnvironment: ['KUBERNETES_SERVICE_HOST=10.96.0.1', 'DB_SERVICE_HOST=10.96.0.7'],
    },
  )
  return Object.fromEntries(result)
}

describe('variable references', () => {
  it.each([
    ['$(A)-$(B)', '1-2'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$(MISSING) $A ${A} $', '$(MISSING) $A ${A} $'],
    ['$(A', '$(A'],
  ])('%s becomes %s', (text, expected) => {
    const values: Record<string, string> = { A: '1', B: '2' }
    expect(expand(text, (name) => values[name])).toBe(expected)
  })
})

describe('the environment of a container', () => {
  it('has Services first, then envFrom, then env with references to what came before', async () => {
    const env = await environment({
      envFrom: [{ configMapRef: { name: 'cm' }, prefix: 'CM_' }, { secretRef: { name: 'sec' } }],
      env: [
        { name: 'DB_SERVICE_HOST', value: 'own' },
        { name: 'URL', value: 'http://$(DB_SERVICE_HOST):$(CM_a)/$(LATER)' },
        { name: 'LATER', value: 'x' },
        { name: 'API', value: '$(KUBERNETES_SERVICE_HOST)' },
      ],
    })
    expect(env).toEqual({
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      CM_a: '1',
      CM_b: '2',
      pw: 'x y',
      DB_SERVICE_HOST: 'own',
      URL: 'http://own:1/$(LATER)',
      LATER: 'x',
      API: '10.96.0.1',
    })
  })

  it.each([
    ['metadata.name', 'web'],
    ['metadata.namespace', 'shop'],
    ['metadata.uid', 'u1'],
    ["metadata.labels['app']", 'web'],
    ["metadata.annotations['note']", 'n'],
    ["metadata.labels['none']", ''],
    ['spec.nodeName', 'node-1'],
    ['spec.serviceAccountName', 'robot'],
    ['status.podIP', '10.0.0.7'],
    ['status.hostIP', '192.168.0.2'],
  ])('reads the field %s', async (fieldPath, expected) => {
    const env = await environment({ env: [{ name: 'F', valueFrom: { fieldRef: { fieldPath } } }] })
    expect(env['F']).toBe(expected)
  })

  it.each([
    ['limits.cpu', undefined, '2'],
    ['limits.cpu', '1m', '1500'],
    ['requests.memory', '1Mi', '64'],
    ['limits.memory', '1Gi', '8'],
    ['requests.cpu', undefined, '0'],
  ])('reads the resource %s by %s as %s', async (resource, divisor, expected) => {
    const env = await environment({
      resources: { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } },
      env: [{ name: 'R', valueFrom: { resourceFieldRef: { resource, ...(divisor ? { divisor } : {}) } } }],
    })
    expect(env['R']).toBe(expected)
  })

  it.each<[string, NonNullable<Container['env']>[number]['valueFrom']]>([
    ['configmap "no" not found', { configMapKeyRef: { name: 'no', key: 'k' } }],
    ["couldn't find key k in ConfigMap shop/cm", { configMapKeyRef: { name: 'cm', key: 'k' } }],
    ['secret "no" not found', { secretKeyRef: { name: 'no', key: 'k' } }],
    ["couldn't find key k in Secret shop/sec", { secretKeyRef: { name: 'sec', key: 'k' } }],
    ['unsupported fieldPath: spec.nope', { fieldRef: { fieldPath: 'spec.nope' } }],
  ])('refuses with: %s', async (message, valueFrom) => {
    await expect(environment({ env: [{ name: 'X', valueFrom: valueFrom! }] })).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message,
    })
  })

  it('leaves out what is optional and missing', async () => {
    const env = await environment({
      envFrom: [
        { configMapRef: { name: 'no', optional: true } },
        { secretRef: { name: 'no', optional: true } },
      ],
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k', optional: true } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'no', key: 'k', optional: true } } },
      ],
    })
    expect(Object.keys(env)).toEqual(['KUBERNETES_SERVICE_HOST', 'DB_SERVICE_HOST'])
  })
})

describe('variables of files', () => {
  const from = (key: string, path = 'app.env', more: object = {}): Promise<string | undefined> =>
    environment({
      env: [{ name: 'X', valueFrom: { fileKeyRef: { volumeName: 'config', path, key, ...more } } }],
    }).then(({ X }) => X)

  it('are what stands between the quotes', async () => {
    expect(await from('A')).toBe('one')
    expect(await from('B')).toBe('two\nlines')
    expect(await from('C')).toBe('three')
    expect(await from('A', 'broken.env')).toBe('one')
    expect(await from('D', 'app.env', { optional: true })).toBeUndefined()
  })

  it.each([
    ['D', 'app.env', {}, 'environment variable key "D" not found in file "app.env"'],
    ['EMPTY', 'app.env', {}, 'environment variable key "EMPTY" not found in file "app.env"'],
    ['C', 'broken.env', { optional: true }, "couldn't parse env file"],
    ['A', 'absent.env', {}, "couldn't parse env file"],
    ['A', 'app.env', { volumeName: 'other' }, 'cannot find the volume "other" referenced by FileKeyRef'],
  ])('that cannot be had keep the container from starting: %s in %s', async (key, path, more, message) => {
    await expect(from(key, path, more)).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message,
    })
  })
})
