import { describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import { acceptNames } from './accept-names.ts'

function conditionFor(group: string, approval?: string): object | undefined {
  const crd: CustomResourceDefinition = {
    metadata: {
      name: `apps.${group}`,
      ...(approval && { annotations: { 'api-approved.kubernetes.io': approval } }),
    },
    spec: { group, names: { kind: 'App', plural: 'apps' }, scope: 'Namespaced', versions: [] },
  }
  const { conditions = [] } = acceptNames(crd, [], '2026-01-01T00:00:00Z')
  return conditions.find(({ type }) => type === 'KubernetesAPIApprovalPolicyConformant')
}

describe('the approval of a definition', () => {
  it.each([
    ['https://x.y/z', 'True', 'ApprovedAnnotation', 'approved in https://x.y/z'],
    ['unapproved, "try"', 'False', 'UnapprovedAnnotation', 'not approved: "unapproved, \\"try\\""'],
  ])('%s is a condition', (approval, status, reason, message) => {
    expect(conditionFor('x.k8s.io', approval)).toMatchObject({ status, reason, message })
  })

  it('is missing in a group of the community, and nothing anywhere else', () => {
    expect(conditionFor('x.k8s.io')).toMatchObject({ status: 'False', reason: 'MissingAnnotation' })
    expect(conditionFor('example.com', 'https://x.y/z')).toBeUndefined()
  })
})
