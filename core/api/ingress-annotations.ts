import type { Ingress } from './generated/networking-v1.ts'

/** The controller name of the built-in ingress controller, for IngressClasses. */
export const ingressController = 'wheelhouse.io/ingress'

const prefix = 'nginx.ingress.kubernetes.io/'
const understood = new Set(['rewrite-target', 'use-regex', 'ssl-redirect', 'force-ssl-redirect'])

/** What an Ingress asks for by annotations of ingress-nginx, as far as they are understood here. */
export interface IngressSettings {
  /** The path that a matched request gets instead of its own, with `$1` for what a group of the path matched. */
  rewriteTarget: string | undefined
  /** Paths are regular expressions. */
  usesRegex: boolean
  /** Plain HTTP is led to HTTPS: always, where TLS is set up (default), or never. */
  sslRedirect: 'always' | 'with-tls' | 'never'
}

/** Reads the annotations that are understood (ingress-nginx: docs/user-guide/nginx-configuration/annotations.md). */
export function ingressSettings({ metadata }: Ingress): IngressSettings {
  const read = (name: string): string | undefined => metadata.annotations?.[prefix + name]
  const withTls = read('ssl-redirect') === 'false' ? 'never' : 'with-tls'
  const rewriteTarget = read('rewrite-target')
  return {
    rewriteTarget: rewriteTarget === '' ? undefined : rewriteTarget,
    // A target that takes groups means nothing without them.
    usesRegex: read('use-regex') === 'true' || /\$\d/.test(rewriteTarget ?? ''),
    sslRedirect: read('force-ssl-redirect') === 'true' ? 'always' : withTls,
  }
}

/** Annotations of ingress-nginx that have no effect here. */
export function unknownAnnotations({ metadata }: Ingress): string[] {
  return Object.keys(metadata.annotations ?? {})
    .filter((name) => name.startsWith(prefix) && !understood.has(name.slice(prefix.length)))
    .sort()
}
