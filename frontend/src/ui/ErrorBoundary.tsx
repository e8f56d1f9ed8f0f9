import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button } from "./Button";
import styles from "./Panel.module.css";

interface Props {
  what: string;
  children: ReactNode;
}

/** Keeps a fault in one panel from taking the page down; says what failed and offers to try again. */
export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(`${this.props.what} failed`, error, info.componentStack);
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div role="alert" className={styles.empty}>
        <p className={styles.emptyTitle}>{this.props.what} could not be shown</p>
        <p className={styles.emptyText}>{error.message}. The rest of the page goes on working.</p>
        <Button onClick={() => this.setState({ error: null })}>Try again</Button>
      </div>
    );
  }
}
