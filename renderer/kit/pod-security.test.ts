import { describe, expect, it } from 'vitest'
import { podSecurityOf } from './pod-security.ts'

const label = (mode: string, value: string): Record<string, string> => ({
  [`pod-security.kubernetes.io/${mode}`]: value,
})

describe('the Pod Security of a namespace', () => {
  it('is privileged without labels', () => {
    expect(podSecurityOf()).toEqual({ enforce: { level: 'privileged', version: 'latest' }, others: [] })
  })
  it('enforces one level and may speak of another', () => {
    const labels = {
      ...label('enforce', 'baseline'),
      ...label('enforce-version', 'v1.30'),
      ...label('warn', 'restricted'),
      ...label('audit', 'privileged'),
    }
    expect(podSecurityOf(labels)).toEqual({
      enforce: { level: 'baseline', version: 'v1.30' },
      others: [{ mode: 'warn', level: 'restricted', version: 'latest' }],
    })
  })
  it('takes an unknown level for the strictest', () => {
    expect(podSecurityOf(label('enforce', 'strict')).enforce.level).toBe('restricted')
  })
})
