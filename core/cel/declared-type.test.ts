import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileExpression } from './compile.ts'
import { declaredType } from './declared-type.ts'
import type { DeclaredSchema } from './declared-type.ts'
import { createEnvironment } from './environment.ts'
import { formatType } from './cel-type.ts'

const file = join(import.meta.dirname, '../../resources/kubernetes/schemas.json')
const schemas = JSON.parse(readFileSync(file, 'utf8')) as Record<string, DeclaredSchema>

/** What an expression over a built-in kind yields, or the first line of what is wrong with it. */
function check(schema: string, expression: string): string {
  const $ref = `#/components/schemas/${schema}`
  const object = declaredType(
    { $ref },
    { isResourceRoot: true, name: 'Kind', schemaOf: (name) => schemas[name] },
  )
  const { program, issues } = compileExpression(
    expression,
    createEnvironment({ variables: { object: object! } }),
  )
  return program ? formatType(program.outputType) : issues.split('\n')[0]!
}

describe('the type of a built-in kind', () => {
  it.each([
    ['object.kind', 'string'],
    ['object.metadata.labels', 'map(string, string)'],
    ['object.metadata.creationTimestamp', 'timestamp'],
    ['object.spec.replicas + 1', 'int'],
    ['object.spec.template.spec.containers.map(c, c.ports[0].containerPort)', 'list(int)'],
    ['object.spec.template.spec.containers[0]', 'Kind.spec.template.spec.containers.@idx'],
    ['object.spec.strategy.rollingUpdate.maxSurge', 'dyn'],
    ['object.spec.replica', "ERROR: <input>:1:12: undefined field 'replica'"],
    [
      'object.spec.replicas == "1"',
      "ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(int, string)'",
    ],
  ])('gives %s', (expression, found) => {
    expect(check('io.k8s.api.apps.v1.Deployment', expression)).toBe(found)
  })

  it('ends where a schema leads to itself', () => {
    const crd = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition'
    const schema = 'object.spec.versions[0].schema.openAPIV3Schema'
    expect(check(crd, `${schema}.maxLength`)).toBe('int')
    expect(check(crd, `${schema}.not.maxLength`)).toMatch(/undefined field 'maxLength'$/)
  })
})

it('metadata of a custom resource is what a resource always has', () => {
  const schema = { type: 'object', properties: { metadata: { type: 'object' } } }
  const object = declaredType(schema, { isResourceRoot: true })!
  const environment = createEnvironment({ variables: { object } })
  expect(compileExpression('object.metadata.name + object.kind', environment).issues).toBeUndefined()
  expect(compileExpression('object.metadata.labels', environment).issues).toContain(
    "undefined field 'labels'",
  )
})
