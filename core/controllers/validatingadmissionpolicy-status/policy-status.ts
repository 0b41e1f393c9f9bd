import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
} from '../../api/generated/admissionregistration-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'

const controllerName = 'validatingadmissionpolicy-status'

/**
 * Says in the status of each policy what is wrong with its expressions, once per generation (upstream:
 * pkg/controller/validatingadmissionpolicystatus).
 */
export function createPolicyStatusController(
  dependencies: ControllerDependencies,
  checkPolicy: (policy: ValidatingAdmissionPolicy) => ExpressionWarning[],
): Controller {
  return defineController(dependencies, {
    name: controllerName,
    for: resources.validatingAdmissionPolicies,
    async reconcile({ name, object: policy }) {
      const generation = policy?.metadata.generation ?? 0
      if (!policy || generation <= (policy.status?.observedGeneration ?? 0)) return
      const expressionWarnings = checkPolicy(policy)
      const body = {
        apiVersion: policy.apiVersion,
        kind: policy.kind,
        metadata: { name },
        status: {
          observedGeneration: generation,
          typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
        },
      }
      const options = {
        type: 'apply',
        subresource: 'status',
        fieldManager: controllerName,
        force: true,
      } as const
      try {
        await dependencies.client.patch(resources.validatingAdmissionPolicies, { name }, { ...options, body })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}
