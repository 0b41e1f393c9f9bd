import type { Secret, Service } from '../../api/generated/core-v1.ts'
import type { Ingress, IngressBackend } from '../../api/generated/networking-v1.ts'
import { unknownAnnotations } from '../../api/ingress-annotations.ts'
import type { EventText } from '../../client/event-report.ts'

/** What an Ingress asks for that it does not get, for events. */
export function ingressProblems(
  ingress: Ingress,
  find: { service(key: string): Service | undefined; secret(key: string): Secret | undefined },
): EventText[] {
  const { namespace = '' } = ingress.metadata
  const warn = (reason: string, message: string): EventText => ({ type: 'Warning', reason, message })
  const names = new Set<string>()
  const problems = unknownAnnotations(ingress).map((name) =>
    warn('UnknownAnnotation', `annotation ${name} is not understood and has no effect`),
  )
  for (const { resource, service } of backendsOf(ingress)) {
    if (resource) {
      problems.push(
        warn(
          'BackendNotServed',
          `backend ${resource.kind} "${resource.name}" is not served: only Services are`,
        ),
      )
    } else if (service) names.add(service.name)
  }
  for (const name of names) {
    if (find.service(`${namespace}/${name}`)?.spec.type !== 'ExternalName') continue
    problems.push(
      warn('BackendNotServed', `service "${name}" is of type ExternalName, which is refused as a backend`),
    )
  }
  for (const { secretName } of ingress.spec.tls ?? []) {
    if (!secretName) continue
    const secret = find.secret(`${namespace}/${secretName}`)
    if (secret?.data?.['tls.crt'] && secret.data['tls.key']) continue
    const why = secret ? 'has no tls.crt and tls.key' : 'does not exist'
    problems.push(
      warn('CertificateNotFound', `secret "${secretName}" ${why}; the default certificate is shown instead`),
    )
  }
  return problems
}

function backendsOf({ spec }: Ingress): IngressBackend[] {
  const paths = (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? [])
  return [...(spec.defaultBackend ? [spec.defaultBackend] : []), ...paths.map(({ backend }) => backend)]
}
