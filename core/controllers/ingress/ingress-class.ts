import { isDefaultIngressClass, newestClass } from '../../api/default-class.ts'
import type { Ingress, IngressClass } from '../../api/generated/networking-v1.ts'
import { ingressController } from '../../api/ingress-annotations.ts'

const classAnnotation = 'kubernetes.io/ingress.class'

/** The class that an Ingress names, by its field or by the annotation that was before it. */
function classNameOf({ metadata, spec }: Ingress): string | undefined {
  return spec.ingressClassName ?? metadata.annotations?.[classAnnotation]
}

/**
 * Whether an Ingress is for the built-in controller: its class is ours; or its class is defined by nobody, so that nobody else takes
 * it; or it names none, and the default is ours or there is none.
 */
export function isOurs(ingress: Ingress, classes: readonly IngressClass[]): boolean {
  const name = classNameOf(ingress)
  const found = name
    ? classes.find(({ metadata }) => metadata.name === name)
    : newestClass(classes.filter(isDefaultIngressClass))
  return found === undefined || found.spec.controller === ingressController
}
