import type { ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { resources } from '../../api/resources.ts'
import { defaultServiceCidr } from '../../api/service-addresses.ts'
import { isAlreadyExists } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'

/**
 * Makes the ServiceCIDR `kubernetes` of the cluster's own range again when it is gone, and says when it is of another range; it is
 * not changed (upstream: pkg/controlplane/controller/defaultservicecidr).
 */
export function createDefaultServiceCidrController(
  dependencies: ControllerDependencies,
  range: string,
): Controller {
  const { client } = dependencies
  const component = 'kubernetes-service-cidr-controller'
  const recorder = dependencies.recorder(component)
  let isReported = false

  function report(cidr: ServiceCIDR): void {
    const { cidrs = [] } = cidr.spec
    if (isReported || (cidrs.length === 1 && cidrs[0] === range)) return
    isReported = true
    recorder.record(referenceTo(resources.serviceCidrs, cidr), {
      type: 'Warning',
      reason: 'KubernetesDefaultServiceCIDRInconsistent',
      message: `The default ServiceCIDR [${cidrs.join(' ')}] does not match the controller flag configurations [${range}]`,
    })
  }

  return defineController(dependencies, {
    name: component,
    for: resources.serviceCidrs,
    filter: ({ object }) => object.metadata.name === defaultServiceCidr,
    prepare: (queue) => queue.add(defaultServiceCidr),
    async reconcile({ object }) {
      if (object) return report(object)
      try {
        await client.create(resources.serviceCidrs, {
          metadata: { name: defaultServiceCidr },
          spec: { cidrs: [range] },
        })
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    },
  })
}
