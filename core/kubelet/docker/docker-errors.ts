import { RuntimeError } from '../runtime/runtime.ts'

interface EngineFailure {
  statusCode?: number
  code?: string
  json?: { message?: string } | null
  message?: string
}

const connectionCodes = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
])

/** HTTP status of the engine's answer, if the failure is one. */
export function engineStatus(error: unknown): number | undefined {
  return (error as EngineFailure | undefined)?.statusCode
}

/** Whether the engine could not be reached at all. */
export function isUnreachable(error: unknown): boolean {
  const failure = error as EngineFailure | undefined
  if (failure?.statusCode !== undefined) return false
  return connectionCodes.has(failure?.code ?? '') || failure?.message === 'socket hang up'
}

/** The engine's own message without dockerode's `(HTTP code …)` wrapping. */
export function engineMessage(error: unknown): string {
  const failure = error as EngineFailure | undefined
  const own = failure?.json?.message ?? failure?.message ?? String(error)
  return own.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim()
}

/**
 * Translates a failure of the engine into a RuntimeError with `reason`; an engine out of reach becomes
 * RuntimeUnavailable whatever was asked. Docker errors pass here and nowhere else.
 */
export function translateError(error: unknown, reason: string): RuntimeError {
  if (error instanceof RuntimeError) return error
  if (isUnreachable(error)) {
    return new RuntimeError('RuntimeUnavailable', explainUnavailable(error), { cause: error })
  }
  return new RuntimeError(reason, engineMessage(error), { cause: error })
}

/** Says in one sentence why Docker cannot be used and what to do about it. */
export function explainUnavailable(error: unknown): string {
  const { code, message } = (error ?? {}) as EngineFailure
  const host = process.env['DOCKER_HOST']
  const where = host ? `DOCKER_HOST=${host}` : 'the local Docker socket'
  if (code === 'EACCES' || code === 'EPERM') {
    return `permission denied on ${where}: add your user to the "docker" group (sudo usermod -aG docker $USER) and log in again, or run rootless Docker`
  }
  if (host) {
    return `Docker is not reachable at ${where} (${code ?? message ?? 'unknown error'}): start that engine, or unset DOCKER_HOST to use the local one`
  }
  if (code === 'ENOENT') {
    return 'Docker is not running or not installed: start Docker Desktop, Colima, Rancher Desktop or OrbStack, or install Docker Engine (Linux: sudo systemctl start docker); the node becomes Ready by itself once it answers'
  }
  return `Docker does not answer (${code ?? message ?? 'unknown error'}): start or restart Docker (Linux: sudo systemctl start docker); the node becomes Ready by itself once it answers`
}
