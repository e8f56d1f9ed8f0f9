import { useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/lib/api";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import styles from "./AccessDialog.module.css";
import { useAccess } from "./store";

/** Asks for the server's access token; the browser keeps it in a cookie that no script can read. */
export function AccessDialog() {
  const { needed, given } = useAccess();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState("");
  const client = useQueryClient();
  if (!needed) return null;
  const enter = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await api.enter(token.trim());
      setProblem("");
      setToken("");
      given();
      await client.invalidateQueries();
      window.dispatchEvent(new Event("online")); // live events try again at once
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog title="This server asks for an access token" onClose={given}>
      <form className={styles.form} onSubmit={(event) => void enter(event)}>
        <p>Whoever runs the server set it with --token or BRICK_ACCESS_TOKEN.</p>
        <label htmlFor="access-token">Access token</label>
        <input id="access-token" type="password" autoComplete="current-password" value={token} onChange={(event) => setToken(event.target.value)} />
        {problem && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        <Button type="submit" variant="primary" icon={<KeyRound size={15} />} disabled={!token.trim()}>
          Enter
        </Button>
      </form>
    </Dialog>
  );
}
