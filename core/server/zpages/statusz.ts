import { rfc3339, type Clock } from '../../util/clock.ts'
import type { Handler } from '../filters/filter.ts'
import { respondData } from '../responses/object.ts'
import { respond } from '../responses/respond.ts'
import type { VersionInfo } from '../version.ts'
import { component, negotiateZPage, respondNotAcceptable } from './negotiate-zpage.ts'
import { zPageHeading, zPageParameters, zPageVersion } from './negotiate-zpage.ts'

const kind = 'Statusz'
/** What is there for clients rather than for those who look for what is wrong. */
const notForDebugging = new Set(['api', 'apis', '.well-known', 'openapi', 'openid'])

/** What `/statusz` tells. */
export interface StatuszSource {
  clock: Clock
  version: VersionInfo
  /** Every path that the server answers. */
  paths(): string[]
}

/** Serves `/statusz`: since when this process runs, in which versions, and where more is to be had. */
export function createStatuszHandler({ clock, version, paths }: StatuszSource): Handler {
  const startedAt = Math.floor(clock.now() / 1000 - process.uptime()) * 1000
  const status = () => ({
    startTime: rfc3339(startedAt),
    uptimeSeconds: Math.max(0, Math.floor((clock.now() - startedAt) / 1000)),
    goVersion: version.goVersion,
    binaryVersion: version.gitVersion.replace(/^v/, ''),
    emulationVersion: `${version.emulationMajor}.${version.emulationMinor}`,
    paths: foldersOf(paths()),
  })

  return async (exchange) => {
    const form = negotiateZPage(exchange.header('accept'), kind)
    if (!form) return respondNotAcceptable(exchange)
    if (form.format === 'text') {
      const body = textOf(startedAt, status())
      await respond(exchange, { code: 200, contentType: 'text/plain; charset=utf-8', body })
      return
    }
    if (form.version === 'v1alpha1') {
      exchange.warn('This version of the statusz endpoint is deprecated. Please use a newer version.')
    }
    const apiVersion = zPageVersion(form.version)
    const data = { kind, apiVersion, metadata: { name: component }, ...status() }
    const typeParameters = zPageParameters(kind, form.version)
    await respondData(exchange, form, { code: 200, data, typeParameters })
  }
}

/** The first part of each path, once and sorted. */
function foldersOf(paths: string[]): string[] {
  const folders = new Set(paths.map((path) => path.split('/')[1] ?? ''))
  return [...folders]
    .filter((folder) => folder !== '' && !notForDebugging.has(folder))
    .map((folder) => `/${folder}`)
    .sort()
}

interface Status {
  uptimeSeconds: number
  goVersion: string
  binaryVersion: string
  emulationVersion: string
  paths: string[]
}

function textOf(startedAt: number, status: Status): string {
  const { uptimeSeconds, goVersion, binaryVersion, emulationVersion, paths } = status
  const lines = [
    `Started: ${unixDate(startedAt)}`,
    `Up: ${uptimeText(uptimeSeconds)}`,
    `Go version: ${goVersion}`,
    `Binary version: ${binaryVersion}`,
    `Emulation version: ${emulationVersion}`,
    `Paths: ${paths.join(' ')}`,
  ]
  return `${zPageHeading('statusz')}\n${lines.join('\n')}\n`
}

function uptimeText(seconds: number): string {
  const twoDigits = (value: number): string => String(value % 60).padStart(2, '0')
  return `${Math.floor(seconds / 3600)} hr ${twoDigits(Math.floor(seconds / 60))} min ${twoDigits(seconds)} sec`
}

/** A time as Unix's `date` writes it: `Mon Jan  2 15:04:05 UTC 2006`. */
function unixDate(milliseconds: number): string {
  // Mon, 02 Jan 2006 15:04:05 GMT
  const [weekday = '', day, month, year, time] = new Date(milliseconds).toUTCString().split(/,? /)
  return `${weekday} ${month} ${String(Number(day)).padStart(2, ' ')} ${time} UTC ${year}`
}
