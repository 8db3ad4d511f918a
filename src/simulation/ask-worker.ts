import type { Worker } from 'node:worker_threads'

/** Gives a thread one task and waits for its answer. Rejects when the thread fails or ends before it has answered. */
export function askWorker<Task, Answer>(worker: Worker, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      act()
    }
    const onMessage = (answer: Answer): void => settle(() => resolve(answer))
    const onError = (error: Error): void => settle(() => reject(error))
    const onExit = (code: number): void => settle(() => reject(new Error(`a thread ended with ${code}`)))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    worker.postMessage(task)
  })
}
