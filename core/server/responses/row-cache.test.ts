import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import type { Column } from '../../registry/kind.ts'
import { createRowWriter, type RowText } from './row-cache.ts'

const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'näme', namespace: 'default' },
}

const item = { object, bytes: Buffer.from(JSON.stringify(object)) }

const read = ({ before, object: bytes, after }: RowText): unknown =>
  JSON.parse(before + Buffer.from(bytes).toString() + after)

function columnsThatCount(): { columns: Column<KubeObject>[]; asked: Record<string, number> } {
  const asked: Record<string, number> = {}
  const count = (name: string): void => void (asked[name] = (asked[name] ?? 0) + 1)
  const columns: Column<KubeObject>[] = [
    {
      name: 'Name',
      type: 'string',
      value(thing) {
        count('name')
        return thing.metadata.name
      },
    },
    {
      name: 'Age',
      type: 'string',
      value(_thing, now) {
        count('age')
        return `${now / 1000}s`
      },
    },
    {
      name: 'Restarts',
      type: 'string',
      value(_thing, now) {
        count('restarts')
        return now < 0 ? 'never' : '0'
      },
      movesWithTime: () => false,
    },
  ]
  return { columns, asked }
}

describe('createRowWriter', () => {
  it('asks only the columns that move with the clock again', () => {
    const rowOf = createRowWriter()
    const { columns, asked } = columnsThatCount()
    const row = (now: number): unknown =>
      read(rowOf({ columns, includeObject: 'Metadata', version: 'v1', now }, item))
    expect(row(5_000)).toEqual({
      cells: ['näme', '5s', '0'],
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'näme', namespace: 'default' },
      },
    })
    expect(row(6_000)).toMatchObject({ cells: ['näme', '6s', '0'] })
    expect(asked).toEqual({ name: 1, age: 2, restarts: 1 })
  })

  it('gives the object as it is asked for, and other columns their own cells', () => {
    const rowOf = createRowWriter()
    const { columns } = columnsThatCount()
    const row = (includeObject: 'None' | 'Object', shown = columns): unknown =>
      read(rowOf({ columns: shown, includeObject, version: 'v1', now: 0 }, item))
    expect(row('None')).toMatchObject({ object: null })
    expect(row('Object')).toMatchObject({ object })
    expect(row('None', columns.slice(1, 2))).toEqual({ cells: ['0s'], object: null })
  })
})
