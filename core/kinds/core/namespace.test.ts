import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../testing/test-kinds.ts'
import type { AnyObject } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const unqualified = 'name is neither a standard finalizer name nor is it fully qualified'

describe('Namespace', () => {
  it('has finalizers of Kubernetes or of a domain', async () => {
    const make = (finalizers: string): Promise<AnyObject> =>
      kinds.create(
        `{ kind: Namespace, apiVersion: v1, metadata: { name: a, finalizers: ${finalizers} }, spec: { finalizers: ${finalizers} } }`,
      )
    expect(await causesOf(make('[odd, example.com/x, orphan]'))).toEqual([
      `FieldValueInvalid metadata.finalizers[0]: Invalid value: "odd": ${unqualified}`,
      `FieldValueInvalid spec.finalizers: Invalid value: "odd": ${unqualified}`,
    ])
  })

  it('is finalized with such finalizers only', async () => {
    const namespace = await kinds.create('{ kind: Namespace, apiVersion: v1, metadata: { name: a } }')
    const change = (copy: AnyObject): unknown => (copy.spec.finalizers = ['odd'])
    expect(await causesOf(kinds.update(namespace, change, 'finalize'))).toEqual([
      `FieldValueInvalid spec.finalizers[0]: Invalid value: "odd": ${unqualified}`,
    ])
  })

  it('is active until it is deleted', async () => {
    const namespace = await kinds.create('{ kind: Namespace, apiVersion: v1, metadata: { name: a } }')
    const change = (copy: AnyObject): unknown => (copy.status.phase = 'Terminating')
    expect(await causesOf(kinds.update(namespace, change, 'status'))).toEqual([
      'FieldValueInvalid status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
    ])
  })
})
