import { describe, expect, it } from 'vitest'
import type { Pod, PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import { defaultPod, defaultPodTemplate } from './defaults.ts'

describe('a negative grace period', () => {
  const given = { metadata: { name: 'p' }, spec: { containers: [], terminationGracePeriodSeconds: -1 } }

  it('is one second for a pod, and stays as it is in a template', () => {
    const pod = structuredClone(given) as Pod
    defaultPod(pod)
    expect(pod.spec.terminationGracePeriodSeconds).toBe(1)
    const template = structuredClone(given) as PodTemplateSpec
    defaultPodTemplate(template)
    expect(template.spec?.terminationGracePeriodSeconds).toBe(-1)
  })
})
