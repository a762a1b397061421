import { execFileSync } from 'node:child_process'
import { openRunFolder } from './run.ts'

/** The processes that tests start run the package as it ships, from dist/: it has to be the code under test. */
export default function build(): () => void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
  return openRunFolder()
}
