import type { Ingress } from '../../api/generated/networking-v1.ts'
import { isLoopbackAddress } from '../../api/loopback.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { writeLoadBalancer } from '../kit/write-load-balancer.ts'
import { isOurs } from './ingress-class.ts'
import type { IngressHost } from './ingress-host.ts'
import { ingressProblems } from './ingress-problems.ts'

/** Serves Ingresses of its class, and those of classes that nobody defines, and says where in their status. */
export function createIngressController(dependencies: ControllerDependencies, host: IngressHost): Controller {
  const { client, informers } = dependencies
  const ingresses = informers.informer(resources.ingresses)
  const classes = informers.informer(resources.ingressClasses)
  const services = informers.informer(resources.services)
  const secrets = informers.informer(resources.secrets)
  const recorder = dependencies.recorder('ingress-controller')
  /** What this term of office serves, and which problems were told of it. */
  const served = new Map<string, string>()

  function tellProblems(key: string, ingress: Ingress): void {
    const problems = ingressProblems(ingress, {
      service: (name) => services.store.get(name),
      secret: (name) => secrets.store.get(name),
    })
    const text = JSON.stringify(problems)
    if (served.get(key) === text) return
    served.set(key, text)
    for (const problem of problems) recorder.record(referenceTo(resources.ingresses, ingress), problem)
  }

  async function release(key: string, ingress: Ingress | undefined): Promise<void> {
    served.delete(key)
    await host.release(key)
    // What another controller has written is theirs.
    if (ingress && isOwnStatus(ingress)) await writeLoadBalancer(client, resources.ingresses, ingress, [])
  }

  return defineController(dependencies, {
    name: 'ingress',
    for: resources.ingresses,
    watches: [
      watchOf(resources.ingressClasses, () => ingresses.store.list().map(objectKey)),
      // For what is told of them only; what is served is looked up at each request.
      watchOf(resources.services, ({ type, object, previous }) =>
        type === 'updated' && object.spec.type === previous?.spec.type
          ? []
          : inNamespace(object.metadata.namespace),
      ),
      watchOf(resources.secrets, ({ object }) =>
        object.type === 'kubernetes.io/tls' ? inNamespace(object.metadata.namespace) : [],
      ),
    ],
    dispose() {
      for (const key of served.keys()) void host.release(key)
    },
    async reconcile({ key, object: ingress }) {
      if (!ingress || ingress.metadata.deletionTimestamp || !isOurs(ingress, classes.store.list())) {
        return release(key, ingress)
      }
      tellProblems(key, ingress)
      const { ip, ports } = await host.serve(ingress)
      try {
        await writeLoadBalancer(client, resources.ingresses, ingress, [{ ip, ports }])
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })

  function inNamespace(namespace = ''): string[] {
    return ingresses.store.inNamespace(namespace).map(objectKey)
  }
}

/** Whether the address in the status is one that the built-in controller gives. */
function isOwnStatus({ status }: Ingress): boolean {
  const all = status?.loadBalancer?.ingress ?? []
  return all.length > 0 && all.every(({ ip }) => isLoopbackAddress(ip))
}
