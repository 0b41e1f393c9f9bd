import { describe, expect, it } from 'vitest'
import { StatusError, type Status } from '../../api/status.ts'
import type { KubeObject } from '../../api/meta.ts'
import { openApiFacts } from '../schema/api-facts.ts'
import { createNodeSource } from '../schema/build-nodes.ts'
import type { Schema } from '../schema/schema.ts'
import { checkConfiguration } from './check-configuration.ts'
import { ApplyScenario } from './testing/apply-scenario.ts'

const text: Schema = { type: 'string' }
const struct: Schema = { type: 'object', properties: { text, number: { type: 'integer' } } }
const granular = { struct }
const atomic = { struct: { ...struct, 'x-kubernetes-map-type': 'atomic' as const } }

describe('managed fields after a change of the schema', () => {
  it('own a struct as a whole once it is atomic', () => {
    const scenario = new ApplyScenario(granular)
    scenario.apply('one', 'struct: { number: 1 }')
    scenario.changeSchema(atomic)
    expect(scenario.apply('two', 'struct: { text: x }')).toEqual(['one: .struct'])
    expect(scenario.apply('two', 'struct: { text: x }', { force: true })).toEqual([])
    expect(scenario.content()).toEqual({ struct: { text: 'x' } })
    expect(scenario.owners()).toEqual({ two: ['.struct'] })
  })

  it('do not spread over a struct that is atomic no more', () => {
    const scenario = new ApplyScenario(atomic)
    scenario.apply('one', 'struct: { number: 1, text: a }')
    expect(scenario.apply('two', 'struct: { text: b }')).toEqual(['one: .struct'])
    scenario.changeSchema(granular)
    expect(scenario.apply('two', 'struct: { text: b }')).toEqual([])
    expect(scenario.content()).toEqual({ struct: { number: 1, text: 'b' } })
    expect(scenario.owners()).toEqual({ one: ['.struct'], two: ['.struct.text'] })
  })

  it('belong to nobody where an updater replaces what has become a list as a whole', () => {
    const list = (type: 'set' | 'atomic'): Record<string, Schema> => ({
      list: { type: 'array', items: text, 'x-kubernetes-list-type': type },
    })
    const scenario = new ApplyScenario(list('set'))
    scenario.apply('one', 'list: [a, b]')
    scenario.changeSchema(list('atomic'))
    scenario.update('two', 'list: [b, c]')
    expect(scenario.owners()).toEqual({ two: ['.list'] })
  })
})

describe('managed fields of several versions', () => {
  const fields = (name: string): Record<string, Schema> => ({
    struct: { type: 'object', properties: { name: text, [name]: text } },
  })
  const versions = new Map([
    ['v1', fields('old')],
    ['v2', fields('fresh')],
  ])
  /** `old` of v1 is `fresh` in v2. */
  function convert(object: KubeObject, apiVersion: string): KubeObject {
    const { struct: from, ...rest } = object as KubeObject & { struct?: Record<string, string> }
    if (!from) return rest
    const { old, fresh, ...others } = from
    const value = old ?? fresh
    const name = apiVersion === 'v1' ? 'old' : 'fresh'
    return { ...rest, struct: { ...others, ...(value !== undefined && { [name]: value }) } } as KubeObject
  }
  const both = (): ApplyScenario => new ApplyScenario(versions, convert)

  it('conflict under the names of the version they were written in', () => {
    const scenario = both()
    scenario.apply('one', 'struct: { name: a, old: x }', { apiVersion: 'v1' })
    const other = { apiVersion: 'v2' }
    expect(scenario.apply('two', 'struct: { fresh: y }', other)).toEqual(['one: .struct.old'])
    expect(scenario.apply('two', 'struct: { fresh: y }', { ...other, force: true })).toEqual([])
    expect(scenario.content('v1')).toEqual({ struct: { name: 'a', old: 'y' } })
    expect(scenario.owners()).toEqual({ one: ['.struct.name'], two: ['.struct.fresh'] })
  })

  it('go to an updater of another version', () => {
    const scenario = both()
    scenario.apply('one', 'struct: { name: a, old: x }', { apiVersion: 'v1' })
    scenario.update('two', 'struct: { name: a, fresh: y }', 'v2')
    expect(scenario.owners()).toEqual({ one: ['.struct.name'], two: ['.struct.fresh'] })
  })
})

describe('a configuration', () => {
  const node = createNodeSource(openApiFacts()).ofName('io.k8s.api.apps.v1.Deployment')
  /** What a Deployment with this pod spec is refused with. */
  function refusal(spec: object): Status | undefined {
    const config = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: { template: { spec } },
    }
    try {
      checkConfiguration(config, node)
      return undefined
    } catch (error) {
      if (error instanceof StatusError) return error.status
      throw error
    }
  }
  const containers = '.spec.template.spec.containers'

  it.each<[problem: string, spec: object, message: string]>([
    [
      'names no field that there is not',
      { hostNetwerk: true },
      '.spec.template.spec.hostNetwerk: field not declared in schema',
    ],
    [
      'has each key once',
      { containers: [{ name: 'a' }, { name: 'a' }] },
      `${containers}: duplicate entries for key [name="a"]`,
    ],
    [
      'has each key once, defaults among them',
      { containers: [{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }] },
      `${containers}[name="a"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]`,
    ],
    [
      'has texts where texts belong',
      { hostname: 5 },
      '.spec.template.spec.hostname: expected string, got &value.valueUnstructured{Value:5}',
    ],
    [
      'shows a structure in the place of a text as Go does',
      { hostname: { b: ['x', 1.5], a: null } },
      '.spec.template.spec.hostname: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{"x", 1.5}}}',
    ],
    [
      'has numbers where numbers belong',
      { activeDeadlineSeconds: 'x' },
      '.spec.template.spec.activeDeadlineSeconds: expected numeric (int or float), got string',
    ],
    [
      'has booleans where booleans belong',
      { hostNetwork: 'y' },
      '.spec.template.spec.hostNetwork: expected boolean, got &{y}',
    ],
    [
      'has maps where maps belong',
      { securityContext: ['x', 2] },
      '.spec.template.spec.securityContext: expected map, got &{[x 2]}',
    ],
    [
      'has lists where lists belong',
      { containers: { a: 1 } },
      `${containers}: expected list, got &{map[a:1]}`,
    ],
    [
      'has maps in lists with keys',
      { containers: ['x'] },
      `${containers}: element 0: associative list with keys may not have non-map elements`,
    ],
    [
      'has no nulls in lists with keys',
      { containers: [null] },
      `${containers}: element 0: associative list with keys may not have a null element`,
    ],
    [
      'is told of every problem',
      { a: 1, b: 2 },
      'errors:\n  .spec.template.spec.a: field not declared in schema\n  .spec.template.spec.b: field not declared in schema',
    ],
  ])('%s', (_problem, spec, message) => {
    expect(refusal(spec)).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: `failed to create typed patch object (default/web; apps/v1, Kind=Deployment): ${message}`,
      code: 500,
    })
  })

  it('may have whatever nobody has described', () => {
    expect(refusal({ containers: [{ name: 'a', resources: { limits: { 'example.com/gpu': '1' } } }] })).toBe(
      undefined,
    )
  })
})
