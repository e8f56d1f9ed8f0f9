import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./Button.module.css";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: "primary" | "secondary" | "ghost" | "danger";
  size?: "s" | "m" | "l";
  icon?: ReactNode;
}

export function Button({ variant = "secondary", size = "m", icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={[styles.button, styles[variant], styles[size], className].filter(Boolean).join(" ")} {...rest}>
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  label: string;
  icon: ReactNode;
  pressed?: boolean;
  shortcut?: string;
}

/** A square button with a picture; its name is read out and shown on hover. */
export function IconButton({ label, icon, pressed, shortcut, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      title={shortcut ? `${label} (${shortcut})` : label}
      className={[styles.icon, className].filter(Boolean).join(" ")}
      {...rest}
    >
      {icon}
    </button>
  );
}
