import { describe, expect, it } from 'vitest'
import {
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts'

describe('name rules', () => {
  it.each([
    [
      'label',
      dns1123LabelProblems,
      ['a', 'my-name', '0', 'x'.repeat(63)],
      ['', 'A', '-a', 'a.b', 'x'.repeat(64)],
    ],
    [
      'subdomain',
      dns1123SubdomainProblems,
      ['a', 'a.b-c.d', 'x'.repeat(253)],
      ['', 'a..b', 'a_b', 'x'.repeat(254)],
    ],
    ['path segment', pathSegmentProblems, ['system:node', 'A b'], ['.', '..', 'a/b', 'a%b']],
    [
      'label key',
      qualifiedNameProblems,
      ['a', 'example.com/My_name.1'],
      ['', '/a', 'a/', 'a/b/c', 'Ex.com/a', '-a'],
    ],
    ['label value', labelValueProblems, ['', 'a', 'A_b.c'], ['-', 'a b', 'x'.repeat(64)]],
  ] as const)('%s', (_title, problems, right, wrong) => {
    for (const value of right) expect(problems(value)).toEqual([])
    for (const value of wrong) expect(problems(value)).not.toEqual([])
  })

  it('says it as upstream does', () => {
    expect(dns1123SubdomainProblems('A')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ])
    expect(dns1123LabelProblems('a.b')).toEqual(['must not contain dots'])
    expect(qualifiedNameProblems('/a')).toEqual(['prefix part must be non-empty'])
  })

  it('answers hostile input quickly', () => {
    const started = performance.now()
    dns1123SubdomainProblems(`${'a'.repeat(50_000)}!`)
    dns1123SubdomainProblems(`${'a-'.repeat(25_000)}!`)
    qualifiedNameProblems(`${'a.'.repeat(25_000)}!`)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
