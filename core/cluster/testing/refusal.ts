import { StatusError, type Status } from '../../api/status.ts'

/** How a request was refused, `403 message`, or `allowed`. Any other failure rejects. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const status = await refusedStatus(work)
  return status ? `${status.code} ${status.message}` : 'allowed'
}

/** The Status that a request was refused with; undefined for one that was allowed. Any other failure rejects. */
export async function refusedStatus(work: Promise<unknown>): Promise<Status | undefined> {
  try {
    await work
  } catch (error) {
    if (error instanceof StatusError) return error.status
    throw error
  }
  return undefined
}
