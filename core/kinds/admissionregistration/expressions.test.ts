import { beforeEach, describe, expect, it } from 'vitest'
import { refusalOf, TestKinds } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

/** cel-go's text for one problem: source line and caret. */
function problem(source: string, column: number, message: string): string {
  const caret = '.'.repeat(column - 1) + '^'
  return `compilation failed: ERROR: <input>:1:${column}: ${message}\n | ${source}\n | ${caret}`
}

function policy(kind: string, rest: string): string {
  return `
kind: ${kind}
metadata: { name: replicas }
spec:
  matchConstraints:
    resourceRules: [{ operations: [CREATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments] }]
${rest.replaceAll(/^/gm, '  ')}
`
}
const validating = (rest: string): string => policy('ValidatingAdmissionPolicy', rest)
const mutating = (rest: string): string =>
  policy('MutatingAdmissionPolicy', `reinvocationPolicy: Never\n${rest}`)

describe('expressions of policies', () => {
  it('may read the request, its namespace, an authorizer and variables', async () => {
    await kinds.create(
      validating(`
paramKind: { apiVersion: v1, kind: ConfigMap }
matchConditions:
- { name: few, expression: 'params.data.isOn == "yes" && request.userInfo.groups.size() < 3' }
variables:
- { name: names, expression: 'object.spec.template.spec.containers.map(c, string(c.name))' }
- { name: first, expression: 'variables.names[0]' }
validations:
- expression: |
    variables.first.startsWith("a") &&
    namespaceObject.metadata.labels["team"] == params.data.team &&
    authorizer.requestResource.check("create").allowed()
  messageExpression: '"not " + variables.first'
auditAnnotations:
- { key: first, valueExpression: variables.first }
- { key: none, valueExpression: 'null' }`),
    )
  })

  it.each([
    [
      "validations: [{ expression: '1 +' }]",
      'spec.validations[0].expression: Invalid value: "1 +": compilation failed: ERROR: <input>:1:4: Syntax error: mismatched input',
    ],
    [
      "validations: [{ expression: 'params.x == 1' }]",
      `spec.validations[0].expression: Invalid value: "params.x == 1": ${problem('params.x == 1', 1, "undeclared reference to 'params' (in container '')")}`,
    ],
    [
      'validations: [{ expression: \'request.kind.name == "a"\' }]',
      `spec.validations[0].expression: Invalid value: "request.kind.name == \\"a\\"": ${problem('request.kind.name == "a"', 13, "undefined field 'name'")}`,
    ],
    [
      "validations: [{ expression: 'object.spec.replicas + 1' }]",
      'spec.validations[0].expression: Invalid value: "object.spec.replicas + 1": must evaluate to bool but got int',
    ],
    [
      "validations: [{ expression: 'object.spec' }]",
      'spec.validations[0].expression: Invalid value: "object.spec": must evaluate to bool but got dyn',
    ],
    [
      "validations: [{ expression: 'true', messageExpression: '1' }]",
      'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int',
    ],
    [
      "validations: [{ expression: 'true', messageExpression: 'authorizer' }]",
      `spec.validations[0].messageExpression: Invalid value: "authorizer": ${problem('authorizer', 1, "undeclared reference to 'authorizer' (in container '')")}`,
    ],
    [
      'auditAnnotations: [{ key: a, valueExpression: \' duration("1s")\' }]',
      'spec.auditAnnotations[0].valueExpression: Invalid value: " duration(\\"1s\\")": must evaluate to one of [string null_type] but got google.protobuf.Duration',
    ],
    [
      "validations: [{ expression: 'true' }]\nmatchConditions: [{ name: a, expression: ' 1 ' }]",
      'spec.matchConditions[0].expression: Invalid value: "1": must evaluate to bool but got int',
    ],
    [
      "variables: [{ name: a, expression: 'variables.b' }, { name: b, expression: '1' }]\nvalidations: [{ expression: 'variables.b == 1' }]",
      `spec.variables[0].expression: Invalid value: "variables.b": ${problem('variables.b', 10, "undefined field 'b'")}`,
    ],
    [
      "variables: [{ name: a, expression: '1' }]\nvalidations: [{ expression: 'variables.a == \"x\"' }]",
      `spec.validations[0].expression: Invalid value: "variables.a == \\"x\\"": ${problem('variables.a == "x"', 13, "found no matching overload for '_==_' applied to '(int, string)'")}`,
    ],
  ])('are refused: %s', async (rest, message) => {
    expect(await refusalOf(kinds.create(validating(rest)))).toContain(message)
  })

  it('are checked when they change', async () => {
    const made = await kinds.create(validating("validations: [{ expression: 'true' }]"))
    const change = kinds.update(made, (copy) => (copy.spec.validations[0].expression = '"text"'))
    expect(await refusalOf(change)).toBe(
      'spec.validations[0].expression: Invalid value: "\\"text\\"": must evaluate to bool but got string',
    )
  })
})

describe('mutations', () => {
  it('make objects and patches', async () => {
    await kinds.create(
      mutating(`
mutations:
- patchType: ApplyConfiguration
  applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": "b"}}}' }
- patchType: JSONPatch
  jsonPatch: { expression: '[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: 1}]' }`),
    )
  })

  it.each([
    [
      '{ patchType: ApplyConfiguration, applyConfiguration: { expression: \'{"a": "b"}\' } }',
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "{\\"a\\": \\"b\\"}": must evaluate to Object but got map(string, string)',
    ],
    [
      "{ patchType: JSONPatch, jsonPatch: { expression: 'Object{}' } }",
      'spec.mutations[0].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
    ],
    [
      "{ patchType: JSONPatch, jsonPatch: { expression: '[JSONPatch{operation: 1}]' } }",
      "undefined field 'operation'",
    ],
    [
      "{ patchType: JSONPatch, jsonPatch: { expression: '[Patch{}]' } }",
      "undeclared reference to 'Patch' (in container '')",
    ],
    [
      "{ patchType: JSONPatch, jsonPatch: { expression: ' ' } }",
      'spec.mutations[0].jsonPatch.expression: Required value',
    ],
    [
      "{ patchType: JSONPatch, applyConfiguration: { expression: 'Object{}' } }",
      '[spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch, spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch]',
    ],
  ])('are refused: %s', async (mutation, message) => {
    expect(await refusalOf(kinds.create(mutating(`mutations: [${mutation}]`)))).toContain(message)
  })
})

describe('conditions of webhooks', () => {
  it('are compiled without parameters', async () => {
    const webhook = (expression: string): string => `
kind: ValidatingWebhookConfiguration
metadata: { name: sidecars }
webhooks:
- name: inject.sidecars.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: { url: "https://hooks.example.com" }
  matchConditions: [{ name: few, expression: '${expression}' }]
`
    await kinds.create(webhook('!("system:nodes" in request.userInfo.groups)'))
    expect(await refusalOf(kinds.create(webhook('params == 1').replace('sidecars', 'other')))).toBe(
      `webhooks[0].matchConditions[0].expression: Invalid value: "params == 1": ${problem('params == 1', 1, "undeclared reference to 'params' (in container '')")}`,
    )
  })
})
