/** What the desktop app runs in its utility process: the cluster, exactly as `npm run cluster` runs it. */
import { runCommandLine } from '../../core/cluster/command-line.ts'

// A message instead of a signal, for Windows has no signal that a process can end well on.
process.parentPort.on('message', (event) => {
  if (event.data === 'stop') process.emit('SIGTERM')
})
process.exit(await runCommandLine(process.argv.slice(2)))
