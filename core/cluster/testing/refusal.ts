import { StatusError } from '../../api/status.ts'

/** How a request was refused, `403 message`, or `allowed`. Any other failure rejects. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof StatusError) return `${error.code} ${error.message}`
    throw error
  }
  return 'allowed'
}
