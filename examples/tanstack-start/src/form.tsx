import { useRouter } from '@tanstack/react-router'
import { type ReactNode, type SubmitEvent, useState } from 'react'

interface Sent {
  (options: { data: FormData }): Promise<unknown>
  url: string
}

/** A form that calls a server function: by a script, without a new page, where there is JavaScript. */
export function Form({ action, children }: { action: Sent; children: ReactNode }) {
  const router = useRouter()
  const [refused, setRefused] = useState<string>()

  async function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault()
    try {
      await action({ data: new FormData(event.currentTarget, event.nativeEvent.submitter) })
      setRefused(undefined)
      await router.invalidate()
    } catch (thrown) {
      if (!(thrown instanceof Response)) throw thrown
      setRefused(await thrown.text())
    }
  }

  return (
    <form method="post" action={action.url} encType="multipart/form-data" onSubmit={send}>
      {children}
      {refused && <span role="alert">{refused}</span>}
    </form>
  )
}
