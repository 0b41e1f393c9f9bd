import { describe, expect, it } from 'vitest'
import { JsonPathError, compileJsonPath } from './json-path.ts'

const root = {
  metadata: { name: 'x', labels: { 'app.kubernetes.io/name': 'web' } },
  spec: {
    replicas: 3,
    ports: [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
      { name: 'c', port: 3 },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Synced', status: 'False' },
    ],
  },
}

describe('compileJsonPath', () => {
  it.each<[string, unknown[]]>([
    ['.spec.replicas', [3]],
    ['{.spec.replicas}', [3]],
    ['$.spec.replicas', [3]],
    ['.spec.ports[0].port', [1]],
    ['.spec.ports[-1].name', ['c']],
    ['.spec.ports[*].name', ['a', 'b', 'c']],
    ['.spec.ports[1:].port', [2, 3]],
    ['.spec.ports[0,2].port', [1, 3]],
    ["['spec']['replicas']", [3]],
    [".metadata.labels['app.kubernetes.io/name']", ['web']],
    ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type=='Synced')].status", ['False']],
    ['.status.conditions[?(@.type!="Ready")].type', ['Synced']],
    ['.spec.ports[?(@.port>1)].name', ['b', 'c']],
    ['.spec.ports[?(@.missing)].name', []],
    ['..port', [1, 2, 3]],
    ['.missing.deeper[3].x', []],
    ['.', [root]],
    ['.constructor.name', []],
  ])('%s', (path, values) => {
    expect(compileJsonPath(path)(root)).toEqual(values)
  })

  it.each(['spec', '.a[', '.a[x]', '.a..', '.a[?(what)]'])('refuses %s', (path) => {
    expect(() => compileJsonPath(path)).toThrow(JsonPathError)
  })
})
