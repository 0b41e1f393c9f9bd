/** What the desktop app runs in its utility process: the cluster, exactly as `npm run cluster` runs it. */
import { runHeadless } from '../../core/cluster/headless.ts'

// A message instead of a signal, for Windows has no signal that a process can end well on.
process.parentPort.on('message', (event) => {
  if (event.data === 'stop') process.emit('SIGTERM')
})
process.exit(await runHeadless(process.argv.slice(2)))
