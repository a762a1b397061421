/** What the process answers that serves the application. */
export async function answerTo(context, session) {
  const { path } = await context.params
  return globalThis.untornBench.answer(`/${path}`, session)
}
