import { describe, expect, it } from 'vitest'
import { internalDiff, unifiedDiff } from './unified-diff.ts'

describe('a unified diff', () => {
  it('is empty where nothing differs', () => {
    expect(unifiedDiff({ a: 1 }, { a: 1 })).toBe('')
  })

  it('has three lines around what differs, and leaves out what is farther away', () => {
    const before = Array.from({ length: 20 }, (_, at) => at)
    const after = before.with(1, 100).toSpliced(15, 1)
    expect(unifiedDiff(before, after)).toBe(
      [
        ...['@@ -1,6 +1,6 @@', ' [', '  0,', '- 1,', '+ 100,', '  2,', '  3,', '  4,'],
        ...['@@ -14,7 +14,6 @@', '  12,', '  13,', '  14,', '- 15,', '  16,', '  17,', '  18,', ''],
      ].join('\n'),
    )
  })

  it('tells of one line that it is one', () => {
    expect(unifiedDiff('a', 'b')).toBe('@@ -1 +1 @@\n-"a"\n+"b"\n')
  })

  it('begins no match with lines that are frequent in a long text, as difflib', () => {
    const lines = (from: number): unknown[] => Array.from({ length: 120 }, (_, at) => [from + at])
    const diff = unifiedDiff(lines(0), [...lines(0).slice(0, 60), [999], ...lines(0).slice(60)])
    expect(diff).toBe('@@ -178,6 +178,9 @@\n  ],\n  [\n   59\n+ ],\n+ [\n+  999\n  ],\n  [\n   60\n')
  })
})

// As a kube-apiserver 1.36.2 answers such an update.
describe('the diff of internal types', () => {
  it('has Go names and every field, in the order of the type', () => {
    expect(internalDiff('core.PodSpec', { containers: [] }, { containers: [], resources: {} })).toBe(
      [
        ...['@@ -51,7 +51,11 @@', '  "OS": null,', '  "SchedulingGates": null,', '  "ResourceClaims": null,'],
        ...['- "Resources": null,', '+ "Resources": {', '+  "Limits": null,', '+  "Requests": null,'],
        ...[
          '+  "Claims": null',
          '+ },',
          '  "HostnameOverride": null,',
          '  "SchedulingGroup": null',
          ' }',
          '',
        ],
      ].join('\n'),
    )
  })
})
