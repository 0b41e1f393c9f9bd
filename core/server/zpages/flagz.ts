import type { Handler } from '../filters/filter.ts'
import { respondData } from '../responses/object.ts'
import { respond } from '../responses/respond.ts'
import { component, negotiateZPage, respondNotAcceptable } from './negotiate-zpage.ts'
import { zPageHeading, zPageParameters, zPageVersion } from './negotiate-zpage.ts'

const kind = 'Flagz'

/** Serves `/flagz`: the flags that this process has been started with, and those left out (upstream: apiserver/pkg/server/flagz). */
export function createFlagzHandler(flags: Readonly<Record<string, string>>): Handler {
  const sorted = Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = sorted.map(([name, value]) => `${name}=${value}\n`)
  const body = zPageHeading('flagz') + lines.join('')
  return async (exchange) => {
    const form = negotiateZPage(exchange.header('accept'), kind)
    if (!form) return respondNotAcceptable(exchange)
    if (form.format === 'text') {
      await respond(exchange, { code: 200, contentType: 'text/plain; charset=utf-8', body })
      return
    }
    if (form.version === 'v1alpha1') {
      exchange.warn('This version of the flagz endpoint is deprecated. Please use a newer version.')
    }
    const apiVersion = zPageVersion(form.version)
    const data = { kind, apiVersion, metadata: { name: component }, flags: Object.fromEntries(sorted) }
    const typeParameters = zPageParameters(kind, form.version)
    await respondData(exchange, form, { code: 200, data, typeParameters })
  }
}
