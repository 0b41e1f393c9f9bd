import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureBootstrapObjects } from '../../core/cluster/bootstrap-objects.ts'
import { openControlPlane, type ControlPlane } from '../../core/cluster/control-plane.ts'
import {
  reviewOf,
  startWebhookServer,
  type WebhookServer,
} from '../../core/cluster/testing/webhook-server.ts'
import { systemClock } from '../../core/util/clock.ts'
import { silentLogger } from '../../core/util/logger.ts'
import { clientBinary, run, type CommandResult } from '../harness/clients.ts'
import { eventually } from '../harness/eventually.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-webhooks-'))
let plane: ControlPlane
let hooks: WebhookServer

function kubectl(args: string[], stdin = ''): Promise<CommandResult> {
  const kubeconfig = join(directory, 'kubeconfig')
  return run(clientBinary('kubectl'), ['--kubeconfig', kubeconfig, ...args], {
    stdin,
    env: { HOME: directory },
  })
}

beforeAll(async () => {
  hooks = await startWebhookServer()
  plane = await openControlPlane({
    dataDirectory: directory,
    nodeBackends: () => undefined,
    clock: systemClock,
    log: silentLogger,
  })
  await ensureBootstrapObjects(plane.clientFor('admin').transport)
  await plane.startAccessControl()
  const { port } = await plane.server.listen('127.0.0.1', 0)
  const login = await plane.pki.issueClient({ commonName: 'root', organizations: ['system:masters'] })
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': base64(plane.pki.ca.certificate),
  }
  const user = {
    'client-certificate-data': base64(login.certificate),
    'client-key-data': base64(login.key),
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  }
  writeFileSync(join(directory, 'kubeconfig'), JSON.stringify(config))
})
afterAll(async () => {
  await plane.close()
  await hooks[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

it('shows what a webhook says, of writes and of exec', async () => {
  hooks.answers.set('/deny', (body) =>
    reviewOf(body, {
      allowed: false,
      status: { code: 403, message: `no ${body.request.kind.kind} for ${body.request.userInfo.username}` },
      warnings: ['this is watched'],
    }),
  )
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'deny' },
    webhooks: [
      {
        name: 'deny.example.com',
        clientConfig: { url: `${hooks.url}/deny`, caBundle: hooks.caBundle },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'CONNECT'],
            resources: ['configmaps', 'pods/exec'],
          },
        ],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'kube-system' },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
  }
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'kube-system' },
  }
  for (const object of [account, pod, configuration]) {
    const { code, stderr } = await kubectl(['create', '-f', '-'], JSON.stringify(object))
    expect([code, stderr]).toEqual([0, ''])
  }
  await eventually('the webhook is asked', async () => {
    const denied = await kubectl(['create', 'configmap', 'x', '--dry-run=server'])
    expect(denied.stderr).toContain(
      'error: failed to create configmap: admission webhook "deny.example.com" denied the request: no ConfigMap for root',
    )
    expect(denied.stderr).toContain('Warning: this is watched')
    return true
  })
  const exec = await kubectl(['exec', '-n', 'kube-system', 'p', '--', 'ls'])
  expect(exec.code).toBe(1)
  expect(exec.stderr).toContain(
    'admission webhook "deny.example.com" denied the request: no PodExecOptions for root',
  )
  expect(hooks.requests.at(-1)!.body.request).toMatchObject({
    operation: 'CONNECT',
    subResource: 'exec',
    name: 'p',
    namespace: 'kube-system',
    object: { kind: 'PodExecOptions', container: 'c', command: ['ls'], stdout: true, stderr: true },
    options: null,
  })
})

it('denies by upstream’s example of a policy', async () => {
  const group = 'admissionregistration.k8s.io/v1'
  const policy = {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'demo-policy.example.com' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['deployments'],
          },
        ],
      },
      validations: [{ expression: 'object.spec.replicas <= 5' }],
    },
  }
  const binding = {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'demo-binding-test.example.com' },
    spec: {
      policyName: 'demo-policy.example.com',
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { environment: 'test' } } },
    },
  }
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'test', labels: { environment: 'test' } },
  }
  for (const object of [namespace, policy, binding]) {
    const { code, stderr } = await kubectl(['create', '-f', '-'], JSON.stringify(object))
    expect([code, stderr]).toEqual([0, ''])
  }
  const create = ['create', 'deployment', 'nginx', '--image=nginx', '--replicas=6']
  await eventually('the policy is in force', async () => {
    const { stderr } = await kubectl([...create, '-n', 'test', '--dry-run=server'])
    expect(stderr).toContain('denied request')
    return true
  })
  const { code, stderr } = await kubectl([...create, '-n', 'test'])
  expect(code).toBe(1)
  expect(stderr.trim()).toBe(
    `error: failed to create deployment: deployments.apps "nginx" is forbidden: ValidatingAdmissionPolicy 'demo-policy.example.com' with binding 'demo-binding-test.example.com' denied request: failed expression: object.spec.replicas <= 5`,
  )
  expect(await kubectl([...create, '-n', 'default'])).toMatchObject({ code: 0 })
  const few = await kubectl(['create', 'deployment', 'few', '--image=nginx', '--replicas=5', '-n', 'test'])
  expect(few).toMatchObject({ code: 0 })
  const scaled = await kubectl(['get', 'validatingadmissionpolicies'])
  expect(scaled.stdout).toMatch(/NAME +VALIDATIONS +PARAMKIND +AGE\ndemo-policy.example.com +1 +<unset>/)
})
