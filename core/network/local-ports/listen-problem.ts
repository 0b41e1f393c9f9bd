import { portHolder } from './port-holder.ts'

/** Why a port of this machine could not be opened, in words for the user, e.g. `127.0.0.1:80 is in use by nginx (process 812)`. */
export async function listenProblem(
  error: unknown,
  { host, port, protocol }: { host: string; port: number; protocol: 'TCP' | 'UDP' },
): Promise<string> {
  const where = `${host}:${port}`
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return `${where} is in use by ${(await portHolder(port, protocol)) ?? 'another program'}`
  }
  if (code === 'EACCES') {
    return `${where} may not be opened by this user: ports below 1024 need a right of their own on this system`
  }
  return `${where}: ${(error as Error).message}`
}
