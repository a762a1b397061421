import { sessions } from 'untorn/next'

const { readSession } = sessions({ idleTimeout: '5s', store: () => globalThis.untornTest.openStore() })

export default async function Page() {
  return <p>{JSON.stringify((await readSession()).items)}</p>
}
