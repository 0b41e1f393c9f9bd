import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const webhook = `
kind: MutatingWebhookConfiguration
metadata: { name: sidecars }
webhooks:
- name: inject.sidecars.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: { service: { namespace: mesh, name: injector, path: /inject } }
  rules: [{ operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods] }]
`

describe('webhook configurations', () => {
  it('get defaults', async () => {
    const made = await kinds.create(webhook)
    expect(made.webhooks[0]).toMatchObject({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      reinvocationPolicy: 'Never',
      timeoutSeconds: 10,
      namespaceSelector: {},
      objectSelector: {},
      rules: [{ scope: '*' }],
      clientConfig: { service: { port: 443 } },
    })
    expect(kinds.row(made)).toBe('sidecars 1 5m')
    const changed = await kinds.update(made, (copy) => (copy.webhooks[0].timeoutSeconds = 5))
    expect(changed.metadata.generation).toBe(2)
    const rooted = webhook.replace('/inject', "''").replace('name: sidecars', 'name: rooted')
    expect((await kinds.create(rooted)).webhooks[0].clientConfig.service.path).toBe('')
    const validating = await kinds.create(webhook.replace('Mutating', 'Validating'))
    expect(validating.webhooks[0].reinvocationPolicy).toBeUndefined()
  })

  it.each([
    [
      'inject.sidecars.example.com',
      'inject',
      'webhooks[0].name: Invalid value: "inject": should be a domain with at least three segments separated by dots',
    ],
    [
      '  sideEffects: None\n',
      '',
      'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
    ],
    [
      'sideEffects: None',
      'sideEffects: Some',
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      'Versions: [v1]',
      'Versions: [v9]',
      'webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
    ],
    [
      '{ service: { namespace: mesh, name: injector, path: /inject } }',
      '{}',
      'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
    ],
    [
      '{ service: { namespace: mesh, name: injector, path: /inject } }',
      '{ url: "foo" }',
      `[webhooks[0].clientConfig.url: Invalid value: "": 'https' is the only allowed URL scheme; desired format: https://host[/path], webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]]`,
    ],
    [
      '{ service: { namespace: mesh, name: injector, path: /inject } }',
      '{ url: "https://h:x" }',
      'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://h:x": invalid port ":x" after host; desired format: https://host[/path]',
    ],
    [
      '{ service: { namespace: mesh, name: injector, path: /inject } }',
      '{ url: "http://u@h/x?y" }',
      `[webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path], webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL, webhooks[0].clientConfig.url: Invalid value: "y": query parameters are not permitted in the URL]`,
    ],
    [
      '[CREATE]',
      '[CREATE, "*"]',
      `webhooks[0].rules[0].operations: Invalid value: ["CREATE","*"]: if '*' is present, must not specify other operations`,
    ],
    [
      '[pods]',
      '["*", pods]',
      `webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
    ],
    [
      '  sideEffects: None',
      '  sideEffects: None\n  timeoutSeconds: 60',
      'webhooks[0].timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 seconds',
    ],
  ])('refuse %j in place of %j', async (from, to, message) => {
    expect(await refusalOf(kinds.create(webhook.replace(from, to)))).toBe(message)
  })
})

describe('admission policies', () => {
  const policy = `
kind: ValidatingAdmissionPolicy
metadata: { name: replicas }
spec:
  paramKind: { apiVersion: rules.example.com/v1, kind: ReplicaLimit }
  matchConstraints:
    resourceRules: [{ operations: [CREATE, UPDATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments] }]
  validations:
  - expression: object.spec.replicas <= params.maxReplicas
`
  it('are shown with their parameters and bound', async () => {
    const made = await kinds.create(policy)
    expect(made.spec).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: {}, resourceRules: [{ scope: '*' }] },
    })
    expect(kinds.row(made)).toBe('replicas 1 rules.example.com/v1/ReplicaLimit 5m')
    const binding = await kinds.create(`
kind: ValidatingAdmissionPolicyBinding
metadata: { name: replicas }
spec: { policyName: replicas, validationActions: [Deny], paramRef: { name: small, namespace: default, parameterNotFoundAction: Deny } }
`)
    expect(kinds.row(binding)).toBe('replicas replicas default/small 5m')
  })

  it.each([
    [
      'validations:\n  - expression: object.spec.replicas <= params.maxReplicas',
      'validations: []',
      '[spec.validations: Required value: validations or auditAnnotations must contain at least one item, spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item]',
    ],
    ['kind: ReplicaLimit', 'kind: ""', 'spec.paramKind.kind: Required value'],
    [
      '  validations:',
      '  variables: [{ name: a-b, expression: "1" }]\n  validations:',
      'spec.variables[0].name: Invalid value: "a-b": must be a valid CEL identifier',
    ],
    [
      '  validations:\n  -',
      '  validations:\n  - reason: Unauthorized\n   ',
      'spec.validations[0].reason: Unsupported value: "Unauthorized": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
    [
      '  validations:',
      '  failurePolicy: Maybe\n  validations:',
      'spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
    ],
  ])('refuse %j in place of %j', async (from, to, message) => {
    expect(await refusalOf(kinds.create(policy.replace(from, to)))).toBe(message)
  })

  it('have bindings with one way of acting', async () => {
    const bind = (rest: string): Promise<string> =>
      refusalOf(
        kinds.create(
          `{ kind: ValidatingAdmissionPolicyBinding, metadata: { name: a }, spec: { policyName: p, ${rest} } }`,
        ),
      )
    expect(await bind('validationActions: []')).toBe(
      'spec.validationActions: Required value: at least one validation action is required',
    )
    expect(await bind('validationActions: [Deny, Warn]')).toContain('must not contain both Deny and Warn')
    expect(await bind('validationActions: [Deny], paramRef: { parameterNotFoundAction: Deny }')).toBe(
      'spec.paramRef: Required value: one of name or selector must be specified',
    )
  })
})
