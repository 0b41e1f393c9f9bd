import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { refusal, refusedStatus } from './testing/refusal.ts'
import { waitFor } from './testing/wait-for.ts'
import type { Json } from './testing/webhook-server.ts'
import { configMapRules, useValidatingPolicies } from './testing/use-validating-policies.ts'

const limits: Resource<KubeObject> = {
  group: 'rules.example.com',
  version: 'v1',
  resource: 'limits',
  kind: 'Limit',
  namespaced: true,
}

describe('validating admission policies of an API server', () => {
  const under = useValidatingPolicies()
  const { directory, enforce, configMap, create, rebind } = under

  it('denies in the name of policy and binding, with the code of the reason', async () => {
    await enforce({
      validations: [
        { expression: "object.metadata.name != 'one'" },
        { expression: "object.metadata.name != 'two'", message: ' not two ', reason: 'Forbidden' },
        {
          expression: "object.metadata.name != 'three'",
          message: 'unused',
          messageExpression: "'not ' + object.metadata.name",
          reason: 'Invalid',
        },
        { expression: "object.metadata.name != 'four'", message: 'four', messageExpression: "'a\\nb'" },
        { expression: "object.metadata.name != 'five' || object.data.none == ''" },
        { expression: "object.metadata.name != 'six'", reason: 'RequestEntityTooLarge' },
      ],
    })
    const denied = (name: string): string =>
      `configmaps "${name}" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request:`
    expect(await refusedStatus(create({ name: 'one' }))).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: `${denied('one')} failed expression: object.metadata.name != 'one'`,
      reason: 'Invalid',
      code: 422,
      details: {
        name: 'one',
        kind: 'configmaps',
        causes: [
          {
            message:
              "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.metadata.name != 'one'",
          },
        ],
      },
    })
    expect(await refusal(create({ name: 'two' }))).toBe(`403 ${denied('two')} not two`)
    expect(await refusal(create({ name: 'three' }))).toBe(`422 ${denied('three')} not three`)
    expect(await refusal(create({ name: 'four' }))).toBe(`422 ${denied('four')} four`)
    expect(await refusal(create({ name: 'five' }))).toBe(
      `422 ${denied('five')} expression 'object.metadata.name != 'five' || object.data.none == ''' resulted in error: no such key: none`,
    )
    expect(await refusal(create({ name: 'six' }))).toContain('413 ')
    expect(await refusal(create({ name: 'seven' }))).toBe('allowed')
  })

  it('knows the request, the old object, the namespace, variables and the authorizer', async () => {
    await enforce({
      variables: [
        { name: 'size', expression: 'size(object.data)' },
        { name: 'isBig', expression: 'variables.size > 2' },
        { name: 'unused', expression: 'object.never.there' },
      ],
      validations: [
        { expression: '!variables.isBig', messageExpression: "'has %d'.format([variables.size])" },
        { expression: "namespaceObject.metadata.name == 'default' && has(namespaceObject.metadata.labels)" },
        { expression: "request.userInfo.username == 'anna' && request.resource.resource == 'configmaps'" },
        { expression: "authorizer.requestResource.check('create').allowed()" },
        {
          expression:
            "!authorizer.serviceAccount('x', 'y').group('').resource('pods').check('get').allowed()",
        },
        { expression: 'oldObject == null || oldObject.data.a == object.data.a', message: 'a is fixed' },
      ],
    })
    expect(await refusal(create({}, { a: '1', b: '2', c: '3' }))).toContain('denied request: has 3')
    const made = (await under.client.create(resources.configMaps, configMap())) as Json
    expect(await refusal(under.client.update(resources.configMaps, { ...made, data: { a: '2' } }))).toContain(
      'denied request: a is fixed',
    )
    expect(
      await refusal(under.client.update(resources.configMaps, { ...made, data: { a: '1', b: '2' } })),
    ).toBe('allowed')
  })

  it('leaves out by matchResources, excluded rules, resource names and selectors', async () => {
    const never = { validations: [{ expression: 'false', message: 'no' }] }
    await enforce(
      {
        ...never,
        matchConstraints: {
          resourceRules: configMapRules,
          excludeResourceRules: [{ ...configMapRules[0], resourceNames: ['free'] }],
        },
      },
      {
        matchResources: {
          objectSelector: { matchLabels: { strict: 'yes' } },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
        },
      },
    )
    const labels = { strict: 'yes' }
    expect(await refusal(create({ labels }))).toContain('denied request: no')
    expect(await refusal(create({ labels, name: 'free' }))).toBe('allowed')
    expect(await refusal(create({ labels, namespace: 'kube-public' }))).toBe('allowed')
    expect(await refusal(create())).toBe('allowed')
  })

  it('warns and audits as the binding says, without denying', async () => {
    await enforce(
      {
        validations: [{ expression: "object.metadata.name != 'odd'", message: 'is odd' }],
        auditAnnotations: [{ key: 'name', valueExpression: "'saw ' + object.metadata.name" }],
      },
      { validationActions: ['Warn', 'Audit'] },
    )
    const path = '/api/v1/namespaces/default/configmaps'
    const { code, warnings } = await under.served.post(path, configMap({ name: 'odd' }))
    expect([code, warnings]).toEqual([
      201,
      `299 - "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': is odd"`,
    ])
    const annotations = await waitFor(() => {
      const events = readFileSync(join(directory, 'audit.log'), 'utf8').split('\n').slice(0, -1)
      return events
        .map((line) => (JSON.parse(line) as Json).annotations)
        .find((found) => found?.['p/name'] === 'saw odd')
    })
    expect(annotations).toMatchObject({ 'p/name': 'saw odd' })
    expect(JSON.parse(annotations['validation.policy.admission.k8s.io/validation_failure'])).toEqual([
      {
        message: 'is odd',
        policy: 'p',
        binding: 'b',
        expressionIndex: 0,
        validationActions: ['Warn', 'Audit'],
      },
    ])
  })

  it('finds parameters by name, by selector and in the namespace of the request', async () => {
    await under.client.create(
      resources.configMaps,
      configMap({ name: 'limit-a', labels: { limit: 'x' } }, { max: '2' }),
    )
    await under.client.create(
      resources.configMaps,
      configMap({ name: 'limit-b', labels: { limit: 'x' } }, { max: '1' }),
    )
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [
        {
          expression: 'params == null || string(size(object.data)) <= params.data.max',
          messageExpression: "'more than ' + params.data.max",
        },
      ],
    }
    const two = { a: '1', b: '2' }
    await enforce(spec, { paramRef: { name: 'limit-b', parameterNotFoundAction: 'Deny' } })
    expect(await refusal(create({}, two))).toContain('denied request: more than 1')
    expect(await refusal(create())).toBe('allowed')
    const where =
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
    expect(await refusal(create({ namespace: 'kube-public' }))).toContain(`denied request: ${where}`)
    await rebind({
      selector: { matchLabels: { limit: 'x' } },
      namespace: 'default',
      parameterNotFoundAction: 'Allow',
    })
    await waitFor(async () =>
      (await refusal(create({ namespace: 'kube-public' }))) === 'allowed' ? true : undefined,
    )
    expect(await refusal(create({}, two))).toContain('denied request: more than 1')
    expect(await refusal(create({}, { ...two, c: '3' }))).toContain('denied request: more than 2')
    await rebind({ name: 'nobody', parameterNotFoundAction: 'Allow' })
    await waitFor(async () => ((await refusal(create({}, two))) === 'allowed' ? true : undefined))
  })

  it('takes custom resources as parameters, and says when nothing serves their kind', async () => {
    await enforce(
      {
        paramKind: { apiVersion: 'rules.example.com/v1', kind: 'Limit' },
        validations: [{ expression: 'size(object.data) <= params.spec.max' }],
      },
      { paramRef: { name: 'own', parameterNotFoundAction: 'Deny' } },
    )
    expect(await refusal(create())).toContain(
      "ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.example.com/v1, Kind=Limit'",
    )
    await under.client.create(resources.customResourceDefinitions, {
      metadata: { name: 'limits.rules.example.com' },
      spec: {
        group: 'rules.example.com',
        names: { plural: 'limits', kind: 'Limit' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { max: { type: 'integer' } } } },
              },
            },
          },
        ],
      },
    } as Json)
    const crd = await under.client.get(resources.customResourceDefinitions, {
      name: 'limits.rules.example.com',
    })
    const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }))
    await under.client.updateStatus(resources.customResourceDefinitions, {
      ...crd,
      status: { conditions, acceptedNames: crd.spec.names, storedVersions: ['v1'] },
    } as Json)
    const limit = { metadata: { name: 'own', namespace: 'default' }, spec: { max: 1 } }
    await waitFor(async () => {
      const said = await refusal(under.client.create(limits, limit))
      return said === 'allowed' || said.startsWith('409') ? true : undefined
    })
    expect(await refusal(create())).toBe('allowed')
    expect(await refusal(create({}, { a: '1', b: '2' }))).toContain(
      'failed expression: size(object.data) <= params.spec.max',
    )
  })

  it('goes on without a policy that cannot be evaluated under failurePolicy Ignore', async () => {
    await enforce({
      failurePolicy: 'Ignore',
      validations: [
        { expression: "object.data.none == ''" },
        { expression: "object.metadata.name != 'still'", message: 'but this' },
      ],
    })
    expect(await refusal(create())).toBe('allowed')
    expect(await refusal(create({ name: 'still' }))).toContain('but this')
  })

  it('stops a policy that costs too much', async () => {
    const all = 'object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != "")))'
    await enforce({
      variables: [{ name: 'all', expression: all }],
      validations: [{ expression: 'variables.all' }],
    })
    const data = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v']))
    expect(await refusal(create({}, data))).toContain(
      `composited variable "all" fails to evaluate: operation cancelled: actual cost limit exceeded`,
    )
  })

  it('never stands between an administrator and policies themselves', async () => {
    const everything = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }]
    await enforce({ matchConstraints: { resourceRules: everything }, validations: [{ expression: 'false' }] })
    expect(await refusal(create())).toContain('failed expression: false')
    expect(await refusal(under.client.delete(resources.validatingAdmissionPolicies, { name: 'p' }))).toBe(
      'allowed',
    )
  })
})
